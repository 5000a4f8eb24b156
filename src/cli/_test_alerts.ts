/** A book of silences without a cluster, for tests of the commands that write into one. */
import type { AlertFacts, AlertsReading, AlertsStatus, SilenceResult } from "../alert/mod.ts";
import type { AlertResult, Silence } from "../store/mod.ts";

export class FakeAlertsBook implements AlertsReading {
  kept: Silence[] = [];

  status(): AlertsStatus {
    throw new Error("nobody asks for it here");
  }

  facts(): AlertFacts {
    throw new Error("nobody asks for it here");
  }

  silences(): readonly Silence[] {
    return this.kept;
  }

  async silence(silence: Silence): Promise<SilenceResult> {
    this.kept.push(silence);
    return { ok: true, count: 1 };
  }

  async unsilence(id: string): Promise<AlertResult> {
    const before = this.kept.length;
    this.kept = this.kept.filter((silence) => silence.id !== id);
    if (this.kept.length < before) return { ok: true, count: 1 };
    return { ok: false, reason: "unknown_silence" };
  }
}
