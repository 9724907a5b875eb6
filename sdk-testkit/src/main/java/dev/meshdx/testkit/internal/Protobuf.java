package dev.meshdx.testkit.internal;

import okio.ByteString;

/**
 * As much of protobuf as it takes to read a question: fields that hold texts and messages. Source: protobuf, "Encoding";
 * Kubernetes, "API Concepts: Kubernetes Protobuf encoding" for the envelope.
 */
final class Protobuf {
    private static final ByteString MAGIC = ByteString.decodeHex("6b387300");

    private Protobuf() {}

    static boolean isEnvelope(ByteString body) {
        return body.startsWith(MAGIC);
    }

    /** What is in the envelope. */
    static ByteString content(ByteString body) {
        return field(body.substring(MAGIC.size()), 2);
    }

    /**
     * The last field of a number; empty where there is none.
     *
     * @throws IllegalArgumentException if this is no message
     */
    static ByteString field(ByteString message, int number) {
        ByteString found = ByteString.EMPTY;
        int at = 0;
        try {
            while (at < message.size()) {
                long key = varint(message, at);
                at += width(message, at);
                switch ((int) (key & 7)) {
                    case 0 -> at += width(message, at);
                    case 1 -> at += 8;
                    case 2 -> {
                        int length = Math.toIntExact(varint(message, at));
                        at += width(message, at);
                        ByteString value = message.substring(at, Math.addExact(at, length));
                        at += length;
                        found = key >>> 3 == number ? value : found;
                    }
                    case 5 -> at += 4;
                    default -> throw new IllegalArgumentException("not protobuf");
                }
            }
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException("not protobuf", e);
        }
        return found;
    }

    private static long varint(ByteString message, int start) {
        long value = 0;
        for (int i = 0; i < width(message, start); i++) {
            value |= (long) (message.getByte(start + i) & 0x7f) << (7 * i);
        }
        return value;
    }

    private static int width(ByteString message, int start) {
        int width = 1;
        while (message.getByte(start + width - 1) < 0) {
            width++;
        }
        return width;
    }
}
