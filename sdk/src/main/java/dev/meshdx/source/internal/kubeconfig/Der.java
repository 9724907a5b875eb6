package dev.meshdx.source.internal.kubeconfig;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Puts private keys of the older forms into a PKCS#8 envelope. Source: RFC 5958, RFC 8017 appendix A, RFC 5915. */
final class Der {
    private static final int INTEGER = 0x02;
    private static final int OCTETS = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xa0;
    private static final byte[] VERSION = {INTEGER, 1, 0};

    /** rsaEncryption, without parameters. */
    private static final byte[] RSA = {
        SEQUENCE, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };

    /** The identifier ecPublicKey; the curve follows. */
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private Der() {}

    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return value(SEQUENCE, VERSION, RSA, value(OCTETS, pkcs1));
    }

    /**
     * The curve stands inside.
     *
     * @throws IllegalArgumentException if it does not
     */
    static byte[] pkcs8OfEc(byte[] sec1) {
        byte[] content = contentAt(sec1, 0, SEQUENCE);
        int at = end(content, 0, INTEGER);
        at = end(content, at, OCTETS);
        byte[] curve = contentAt(content, at, PARAMETERS);
        return value(SEQUENCE, VERSION, value(SEQUENCE, EC, curve), value(OCTETS, sec1));
    }

    private static byte[] contentAt(byte[] der, int at, int tag) {
        int[] bounds = bounds(der, at, tag);
        return Arrays.copyOfRange(der, bounds[0], bounds[1]);
    }

    private static int end(byte[] der, int at, int tag) {
        return bounds(der, at, tag)[1];
    }

    /** Where the content of the value starts and ends. */
    private static int[] bounds(byte[] der, int at, int tag) {
        if (at + 2 > der.length || (der[at] & 0xff) != tag) {
            throw new IllegalArgumentException("another tag");
        }
        int length = der[at + 1] & 0xff;
        int start = at + 2;
        if (length > 0x82 || length == 0x80) {
            throw new IllegalArgumentException("too long");
        }
        if (length > 0x80) {
            int more = length - 0x80;
            if (start + more > der.length) {
                throw new IllegalArgumentException("cut off");
            }
            length = 0;
            for (int i = 0; i < more; i++) {
                length = length << 8 | (der[start + i] & 0xff);
            }
            start += more;
        }
        if (start + length > der.length) {
            throw new IllegalArgumentException("cut off");
        }
        return new int[] {start, start + length};
    }

    private static byte[] value(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
