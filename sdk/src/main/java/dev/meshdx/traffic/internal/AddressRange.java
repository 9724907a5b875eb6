package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/** A range of addresses. Immutable. Source: Envoy, {@code config/core/v3/address.proto}, {@code CidrRange}. */
public final class AddressRange {
    /** None where it could not be read, which holds no address. */
    private final byte[] prefix;

    private final int length;

    private AddressRange(byte[] prefix, int length) {
        this.prefix = prefix;
        this.length = length;
    }

    /** How many bits count. */
    int length() {
        return length;
    }

    /** Reads a {@code CidrRange}. */
    public static AddressRange of(Json range) {
        byte[] prefix = Addresses.bytes(range.at("address_prefix").text("")).orElse(new byte[0]);
        return new AddressRange(prefix, (int) range.at("prefix_len").number(0));
    }

    /** Reads several. */
    public static List<AddressRange> all(Json ranges) {
        List<AddressRange> all = new ArrayList<>(ranges.size());
        ranges.items().forEach(range -> all.add(of(range)));
        return all;
    }

    /** Whether it holds an address. */
    public boolean holds(byte[] address) {
        if (prefix.length == 0 || prefix.length != address.length) {
            return false;
        }
        for (int bit = 0; bit < Math.min(length, prefix.length * 8); bit += 8) {
            int left = Math.min(8, length - bit);
            int mask = 0xff << (8 - left) & 0xff;
            if (((prefix[bit / 8] ^ address[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
