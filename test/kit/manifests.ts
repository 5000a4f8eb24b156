/** What is rendered of deploy/kubernetes, as kubectl's kustomize does it, and what is looked for in it. */
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { IConfigMap, IContainer, IService } from "kubernetes-models/v1";
import type { IStatefulSet } from "kubernetes-models/apps/v1";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { parseAllDocuments } from "yaml";

const FOLDER = fileURLToPath(new URL("../../deploy/kubernetes/", import.meta.url));

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

interface OfKind {
  readonly ConfigMap: IConfigMap & Manifest;
  readonly NetworkPolicy: INetworkPolicy & Manifest;
  readonly Service: IService & Manifest;
  readonly StatefulSet: IStatefulSet & Manifest;
}

/** A kustomization such as an operator has, in a directory of its own: the base, and alerts/ with this alerts file. */
export async function writeOverlay(directory: string, alerts: string): Promise<void> {
  const kustomization = {
    resources: [relative(directory, `${FOLDER}base`)],
    components: [relative(directory, `${FOLDER}alerts`)],
    configMapGenerator: [{ name: "phi-alerts", files: ["alerts.yml"] }],
  };
  await Bun.write(join(directory, "kustomization.yaml"), JSON.stringify(kustomization));
  await Bun.write(join(directory, "alerts.yml"), alerts);
}

export const SAMPLE_ALERTS = `${FOLDER}alerts/alerts.yml`;

/** Of a folder of deploy/kubernetes, or of any other. Throws with what kubectl says if it is not to be rendered. */
export async function render(folder: string): Promise<readonly Manifest[]> {
  const child = Bun.spawn(["kubectl", "kustomize", resolve(FOLDER, folder)], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  // It warns of what will not be understood for long.
  if ((await child.exited) !== 0 || said !== "") throw new Error(`${folder}: ${said}`);
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** All of a kind, by name. */
export function ofKind<Kind extends keyof OfKind>(
  manifests: readonly Manifest[],
  wanted: Kind,
): ReadonlyMap<string, OfKind[Kind]> {
  const found = manifests.filter(({ kind }) => kind === wanted) as OfKind[Kind][];
  return new Map(found.map((manifest) => [manifest.metadata.name, manifest]));
}

export function statefulSet(manifests: readonly Manifest[]): OfKind["StatefulSet"] {
  return ofKind(manifests, "StatefulSet").get("phi")!;
}

export function podOf(manifests: readonly Manifest[]) {
  const { spec } = statefulSet(manifests).spec!.template;
  const [container, ...others] = spec!.containers;
  if (container === undefined || others.length > 0) throw new Error("a pod has one container");
  return { spec: spec!, container };
}

/** A config map's data; a generated one's name begins with this. */
export function configMap(manifests: readonly Manifest[], name: string): Record<string, string> {
  const all = [...ofKind(manifests, "ConfigMap").entries()];
  const found = all.find(([each]) => each === name || each.startsWith(`${name}-`));
  if (found === undefined) throw new Error(`there is no config map ${name}`);
  return found[1].data ?? {};
}

/** What the container's environment is in a pod of this name, its variables expanded as Kubernetes does it. */
export function environmentOf(
  manifests: readonly Manifest[],
  pod: { readonly name: string; readonly namespace: string },
): Readonly<Record<string, string>> {
  const { container } = podOf(manifests);
  const environment: Record<string, string> = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    Object.assign(environment, configMap(manifests, configMapRef!.name!));
  }
  const fields: Record<string, string> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
  };
  for (const { name, value, valueFrom } of container.env ?? []) {
    environment[name] = expand(value ?? fields[valueFrom!.fieldRef!.fieldPath]!, environment);
  }
  return environment;
}

/** `$(NAME)` for what is known by then. */
export function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\((?<name>\w+)\)/gu,
    (whole, name: string) => environment[name] ?? whole,
  );
}

export function mountOf(container: IContainer, volume: string) {
  const found = container.volumeMounts?.find(({ name }) => name === volume);
  if (found === undefined) throw new Error(`nothing is mounted of ${volume}`);
  return found;
}
