package dev.meshdx.testkit.internal.mesh;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/** Everything that is random in a real cluster, derived from a seed, so that the same mesh always has the same names. */
public final class Names {
    /** The letters of generated names. Source: Kubernetes, apimachinery {@code util/rand}: no vowels, nothing ambiguous. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private final long seed;

    /** Names of a seed. */
    public Names(long seed) {
        this.seed = seed;
    }

    /** The hash in a ReplicaSet's name. */
    public String templateHash(String namespace, String workload) {
        return letters(9, "template", namespace, workload);
    }

    /** A pod's name. */
    public String pod(String namespace, String workload, int replica) {
        return workload + "-" + templateHash(namespace, workload) + "-"
                + letters(5, "pod", namespace, workload, String.valueOf(replica));
    }

    /** Some letters as in generated names. */
    public String letters(int length, String... parts) {
        byte[] digest = digest(parts);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(Byte.toUnsignedInt(digest[i]) % ALPHABET.length()));
        }
        return text.toString();
    }

    /** A UUID. */
    public String uid(String... parts) {
        ByteBuffer bytes = ByteBuffer.wrap(digest(parts));
        long high = (bytes.getLong() & 0xffffffffffff0fffL) | 0x4000L;
        long low = (bytes.getLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    /** 64 hexadecimal digits. */
    public String hex(String... parts) {
        return HexFormat.of().formatHex(digest(parts));
    }

    /** A number from 0 to below the bound. */
    public int number(int bound, String... parts) {
        return Math.floorMod(ByteBuffer.wrap(digest(parts)).getInt(), bound);
    }

    /** 32 bytes. */
    public byte[] digest(String... parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(ByteBuffer.allocate(8).putLong(seed).array());
            for (String part : parts) {
                sha.update(part.getBytes(StandardCharsets.UTF_8));
                sha.update((byte) 0);
            }
            return sha.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
