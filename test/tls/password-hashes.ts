/** bcrypt hashes of what the tests take for passwords. */
export const hashes = {
  "of alice": "$2b$10$eJMSK1DmmCykPT1yNxb5pOh9jGFswSKmaw3sdmj7ja6.SlqueZs9O",
  /** In the form of htpasswd. */
  "of bob": "$2y$04$Zr/gzCLwOOiXarsdCZ4lvO.TvEdsLIP.v2K5Oe7LIFaR6DP8cOjf.",
  secret: "$2b$10$tyBPaUTZ1/6uJf6YprYAbebgllBQCyUGxFs5p9dR734js1JXxiBIa",
  "secret again": "$2b$10$wDTu1d8eUUtsbX8cBrNt/O5XXrnRp0.oIY.L5acckm.RFWBFIjm2.",
  x: "$2b$04$24jcdvUOTbeudhpQAqNNQ.uTBfqrOJh5DTTrESkHg.2nK./ju1Ec.",
} as const;
