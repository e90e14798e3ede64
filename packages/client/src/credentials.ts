/** Who asks. */
export type Credentials =
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string };

/** As the Authorization header has them. */
export function authorizationOf(credentials: Credentials): string {
  switch (credentials.kind) {
    case "basic":
      return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
    case "bearer":
      return `Bearer ${credentials.token}`;
  }
}
