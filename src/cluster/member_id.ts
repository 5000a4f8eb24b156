/** What a monitor may be called, for whoever names one: on the command line, in a file, or over the API. */
import { isNodeId } from "../raft/mod.ts";

/** As a sentence goes on with it. */
export const MEMBER_ID_RULE = "1 to 64 of A-Z a-z 0-9 _ . -, and not only dots";

/** As Raft has it, less what no path of a URL can end in: a member of such a name could not be removed. */
export function isMemberId(text: string): boolean {
  return isNodeId(text) && !/^\.+$/u.test(text);
}
