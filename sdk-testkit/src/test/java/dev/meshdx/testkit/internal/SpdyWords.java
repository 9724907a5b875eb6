package dev.meshdx.testkit.internal;

/** Hands the dictionary to tests in other packages. */
public final class SpdyWords {
    private SpdyWords() {}

    public static byte[] dictionary() {
        return SpdyDictionary.bytes();
    }
}
