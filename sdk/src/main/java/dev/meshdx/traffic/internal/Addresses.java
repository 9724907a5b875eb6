package dev.meshdx.traffic.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** IP addresses and ranges, without ever asking a name server. */
public final class Addresses {
    private Addresses() {}

    /** The bytes of an IP address; empty for everything else. */
    public static Optional<byte[]> bytes(String address) {
        String bare =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        if (bare.indexOf(':') < 0) {
            return Optional.ofNullable(four(bare));
        }
        if (!isHex(bare)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(bare).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // With a dot in front, the JDK would take it for a name, and ask.
            if (Character.digit(c, 16) < 0 && c != ':' && (c != '.' || i == 0)) {
                return false;
            }
        }
        return true;
    }

    /** Four numbers with dots between; null for everything else. */
    private static byte @Nullable [] four(String text) {
        byte[] bytes = new byte[4];
        int part = 0;
        int digits = 0;
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (digits == 0 || part == 3) {
                    return null;
                }
                bytes[part++] = (byte) value;
                digits = 0;
                value = 0;
            } else {
                value = value * 10 + c - '0';
                if (c < '0' || c > '9' || ++digits > 3 || value > 255) {
                    return null;
                }
            }
        }
        bytes[part] = (byte) value;
        return part == 3 && digits > 0 ? bytes : null;
    }

    /** Whether two texts are the same address. */
    public static boolean same(String left, String right) {
        if (left.equals(right)) {
            return true;
        }
        Optional<byte[]> a = bytes(left);
        Optional<byte[]> b = bytes(right);
        return a.isPresent() && b.isPresent() && Arrays.equals(a.get(), b.get());
    }

    /** Whether a range holds an address. */
    public static boolean contains(String prefix, int length, String address) {
        Optional<byte[]> range = bytes(prefix);
        Optional<byte[]> bytes = bytes(address);
        if (range.isEmpty() || bytes.isEmpty() || range.get().length != bytes.get().length) {
            return false;
        }
        byte[] a = range.get();
        byte[] b = bytes.get();
        for (int bit = 0; bit < Math.min(length, a.length * 8); bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is the IPv4 or IPv6 address that stands for all. */
    public static boolean isWildcard(String address) {
        return address.equals("0.0.0.0") || address.equals("::");
    }

    /** The address in {@code ip:port} or {@code [ip]:port}. */
    public static String host(String target) {
        int colon = target.lastIndexOf(':');
        String host = colon < 0 ? target : target.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** {@code ip:port}, or {@code [ip]:port} for IPv6. */
    public static String target(String address, int port) {
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    }

    /** The port in {@code ip:port}; 0 where there is none. */
    public static int port(String target) {
        int colon = target.lastIndexOf(':');
        try {
            return colon < 0 ? 0 : Integer.parseInt(target.substring(colon + 1));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
