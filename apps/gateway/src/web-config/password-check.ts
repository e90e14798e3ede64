import { randomBytes } from "node:crypto";
import { BcryptThread, type BcryptThreadOptions } from "./bcrypt-thread.ts";
import { createKeyedHash } from "./keyed-hash.ts";

/** Says whether the password is the user's: at once when it has been asked before. */
export interface PasswordVerifier {
  /** Rejects PasswordChecksBusy when too many are asked at once. */
  verify(user: string, password: string): Promise<boolean> | boolean;
}

export interface PasswordCheckOptions extends BcryptThreadOptions {
  /** How many wrong credentials are remembered. */
  readonly maxRefused: number;
}

const defaults: PasswordCheckOptions = {
  // Two or three seconds at the usual cost of 10.
  maxWaiting: 32,
  idleMs: 60_000,
  maxRefused: 1_000,
};

/**
 * Checks passwords against bcrypt hashes. What has come of a check is remembered under a keyed hash of user, bcrypt hash
 * and password, so that a change of users needs nothing to be forgotten. For a user that does not exist it does the same
 * work as for one that does.
 */
export class PasswordCheck implements PasswordVerifier {
  readonly #options: PasswordCheckOptions;
  readonly #bcrypt: BcryptThread;
  readonly #keyedHash = createKeyedHash();
  #users: ReadonlyMap<string, string> = new Map();
  #nobodysHash = hashOfNobody([]);
  /** By user what was right last: as many as there are users. */
  readonly #accepted = new Map<string, string>();
  /** Apart from those, so that any number of wrong passwords pushes out none that is right. */
  readonly #refused = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  /** @param users bcrypt hashes by user. */
  constructor(users: ReadonlyMap<string, string>, options: Partial<PasswordCheckOptions> = {}) {
    this.#options = { ...defaults, ...options };
    this.#bcrypt = new BcryptThread(this.#options);
    this.setUsers(users);
  }

  /** From now on these are the users. */
  setUsers(users: ReadonlyMap<string, string>): void {
    this.#users = users;
    this.#nobodysHash = hashOfNobody(users.values());
    for (const user of this.#accepted.keys()) if (!users.has(user)) this.#accepted.delete(user);
    if (users.size > 0) this.#bcrypt.prepare();
  }

  verify(user: string, password: string): Promise<boolean> | boolean {
    const hash = this.#users.get(user);
    // With its length no other user and password make the same text.
    const digest = this.#keyedHash(`${user.length}:${user}${hash ?? ""} ${password}`);
    if (this.#accepted.get(user) === digest) return true;
    if (this.#refused.has(digest)) return false;
    const underWay = this.#underWay.get(digest);
    if (underWay !== undefined) return underWay;
    const check = this.#check({ user, password, hash, digest }).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, check);
    return check;
  }

  async #check({
    user,
    password,
    hash,
    digest,
  }: {
    readonly user: string;
    readonly password: string;
    readonly hash: string | undefined;
    readonly digest: string;
  }): Promise<boolean> {
    const isSame = await this.#bcrypt.compare({ password, hash: hash ?? this.#nobodysHash });
    if (isSame && hash !== undefined) {
      this.#accepted.set(user, digest);
      return true;
    }
    this.#refuse(digest);
    return false;
  }

  #refuse(digest: string): void {
    const [oldest] = this.#refused;
    if (oldest !== undefined && this.#refused.size >= this.#options.maxRefused) this.#refused.delete(oldest);
    this.#refused.add(digest);
  }
}

/** A hash that no password is known for and that takes as long as the dearest of the others. */
function hashOfNobody(hashes: Iterable<string>): string {
  const [dearest = "10"] = [...hashes]
    .map((hash) => hash.slice(4, 6))
    .sort()
    .reverse();
  const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const letters = Array.from(randomBytes(53), (byte) => alphabet[byte % 64]).join("");
  return `$2b$${dearest}$${letters}`;
}
