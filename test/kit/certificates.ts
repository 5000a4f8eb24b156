/**
 * Certificates for tests, made by the openssl command in a folder of their own that is gone afterwards:
 * an authority, and what it has signed, with dates that a test can name.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly certPath: string;
}

export interface SignedOptions {
  /** As in an openssl configuration: `DNS:good.test,IP:127.0.0.1`. */
  readonly names: string;
  /** `YYYYMMDDHHMMSSZ`. */
  readonly ends: string;
}

const CONFIG = `
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
`;

export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), "phi-certificates-"));
  /** Of the authority itself. */
  readonly own: Certificate;

  constructor() {
    writeFileSync(join(this.#folder, "ca.cnf"), CONFIG);
    writeFileSync(join(this.#folder, "index.txt"), "");
    this.own = this.selfSigned("authority", "basicConstraints=critical,CA:TRUE");
  }

  /** Signed by itself, for ten days. */
  selfSigned(name: string, extension: string): Certificate {
    this.#run(
      `req -x509 -config ca.cnf -subj /CN=${name} -days 10 -addext ${extension} ` +
        `${newKey(name)} -out ${name}.pem`,
    );
    return this.#read(name);
  }

  signed(name: string, { names, ends }: SignedOptions): Certificate {
    writeFileSync(join(this.#folder, `${name}.ext`), `subjectAltName=${names}\n`);
    this.#run(`req -new -config ca.cnf -subj /CN=${name} ${newKey(name)} -out ${name}.csr`);
    this.#run(
      `ca -batch -notext -config ca.cnf -cert authority.pem -keyfile authority.key ` +
        `-in ${name}.csr -extfile ${name}.ext -startdate 20200101000000Z -enddate ${ends} ` +
        `-out ${name}.pem`,
    );
    return this.#read(name);
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** No argument of ours holds a blank. */
  #run(command: string): void {
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...command.split(" ")], {
      cwd: this.#folder,
    });
    if (exitCode !== 0) throw new Error(`openssl ${command}: ${stderr.toString()}`);
  }

  #read(name: string): Certificate {
    const certPath = join(this.#folder, `${name}.pem`);
    return {
      certPem: readFileSync(certPath, "utf8"),
      keyPem: readFileSync(join(this.#folder, `${name}.key`), "utf8"),
      certPath,
    };
  }
}

function newKey(name: string): string {
  return `-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key`;
}
