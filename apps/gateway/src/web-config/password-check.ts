import { randomBytes } from "node:crypto";
import { BcryptThread, type BcryptThreadOptions } from "./bcrypt-thread.ts";
import { createKeyedHash } from "./keyed-hash.ts";

/** Knows users by their passwords. */
export interface PasswordVerifier {
  /**
   * The user, when the password is right, otherwise null; at once, without a promise, when these credentials have been
   * checked before. Rejects PasswordChecksBusy when too many are being checked.
   *
   * @param credentials `user:password` in base64, as browsers and others send it (RFC 7617).
   */
  userOf(credentials: string): Promise<string | null> | string | null;
}

export interface PasswordCheckOptions extends BcryptThreadOptions {
  /** How many wrong credentials are remembered, and of right ones at least. */
  readonly maxRemembered: number;
}

const defaults: PasswordCheckOptions = {
  // Two or three seconds at the usual cost of 10.
  maxWaiting: 32,
  idleMs: 60_000,
  maxRemembered: 1_000,
};

interface Claim {
  readonly user: string;
  /** Undefined: there is no such user. */
  readonly hash: string | undefined;
}

/**
 * Checks passwords against bcrypt hashes, and remembers what came of it under a keyed hash of the credentials, until the
 * user changes. For a user that does not exist it does the same work as for one that does.
 */
export class PasswordCheck implements PasswordVerifier {
  readonly #options: PasswordCheckOptions;
  readonly #bcrypt: BcryptThread;
  readonly #keyedHash = createKeyedHash();
  #users: ReadonlyMap<string, string> = new Map();
  #nobodysHash = hashOfNobody([]);
  readonly #accepted = new Map<string, Claim>();
  /** Apart from those, so that any number of wrong passwords pushes out none that is right. */
  readonly #refused = new Map<string, Claim>();
  readonly #underWay = new Map<string, Promise<string | null>>();

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
    for (const known of [this.#accepted, this.#refused])
      for (const [digest, claim] of known) if (!this.#isCurrent(claim)) known.delete(digest);
    if (users.size > 0) this.#bcrypt.prepare();
  }

  userOf(credentials: string): Promise<string | null> | string | null {
    const digest = this.#keyedHash(credentials);
    const accepted = this.#accepted.get(digest);
    if (accepted !== undefined) return accepted.user;
    if (this.#refused.has(digest)) return null;
    const underWay = this.#underWay.get(digest);
    if (underWay !== undefined) return underWay;
    const check = this.#check(credentials, digest).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, check);
    return check;
  }

  async #check(credentials: string, digest: string): Promise<string | null> {
    const [user = "", password] = Buffer.from(credentials, "base64").toString().split(/:(.*)/s, 2);
    if (password === undefined) return null;
    const claim = { user, hash: this.#users.get(user) };
    const isSame = await this.#bcrypt.compare({ password, hash: claim.hash ?? this.#nobodysHash });
    const isRight = isSame && claim.hash !== undefined;
    this.#remember(isRight ? this.#accepted : this.#refused, digest, claim);
    return isRight ? user : null;
  }

  #remember(known: Map<string, Claim>, digest: string, claim: Claim): void {
    // The user may have changed in the meantime.
    if (!this.#isCurrent(claim)) return;
    const { maxRemembered } = this.#options;
    const max = known === this.#accepted ? Math.max(maxRemembered, 2 * this.#users.size) : maxRemembered;
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= max) known.delete(oldest);
    known.set(digest, claim);
  }

  #isCurrent({ user, hash }: Claim): boolean {
    return this.#users.get(user) === hash;
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
