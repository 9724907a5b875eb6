package dev.meshdx.traffic.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** IP addresses and ranges, without ever asking a name server. */
public final class Addresses {
    private Addresses() {}

    /** The bytes of an IP address; empty for everything else. */
    public static Optional<byte[]> bytes(String address) {
        String bare =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        boolean literal = bare.contains(":")
                ? bare.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')
                : bare.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        if (!literal) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(bare).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
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
