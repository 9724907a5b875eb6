package dev.meshdx.security;

/** How the two sides of a connection fit. */
public enum MtlsVerdict {
    /** The connection works, encrypted and authenticated by the mesh. */
    OK,
    /** The connection fails: one side sends what the other does not take. */
    CONFLICT,
    /** The connection works, in plain text. */
    PLAINTEXT,
    /** Cannot be told. */
    UNKNOWN
}
