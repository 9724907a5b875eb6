package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.List;
import java.util.Optional;

/**
 * The client's address as a proxy sees it behind those that forwarded the request. Source: Envoy,
 * {@code source/common/http/conn_manager_utility.cc}; measured on Envoy 1.40.
 */
public final class ClientAddress {
    private ClientAddress() {}

    /**
     * Whether the request counts as one from inside: by {@code internal_address_config}, without which none does.
     *
     * @param manager the settings of the connection manager
     * @param peer where the connection comes from
     */
    public static boolean isInternal(Headers headers, Json manager, String peer) {
        List<AddressRange> ranges = AddressRange.all(manager.at("internal_address_config", "cidr_ranges"));
        String forwarded = headers.first("x-forwarded-for").orElse("").strip();
        boolean remote = manager.at("use_remote_address").bool(false);
        String address = !remote ? forwarded : forwarded.isEmpty() ? peer : "";
        Optional<byte[]> bytes = Addresses.bytes(address);
        return bytes.isPresent() && ranges.stream().anyMatch(range -> range.holds(bytes.get()));
    }

    /**
     * The address.
     *
     * @param manager the settings of the connection manager
     * @param peer where the connection comes from
     */
    public static String of(Headers headers, Json manager, String peer) {
        int trusted = (int) manager.at("xff_num_trusted_hops").number(0);
        if (manager.at("use_remote_address").bool(false)) {
            if (trusted == 0) {
                return peer;
            }
            trusted--;
        }
        String[] forwarded = headers.first("x-forwarded-for")
                .map(text -> text.split(",", -1))
                .orElse(new String[0]);
        if (forwarded.length <= trusted) {
            return peer;
        }
        String address = forwarded[forwarded.length - 1 - trusted].strip();
        return !address.startsWith("[") && Addresses.bytes(address).isPresent() ? address : peer;
    }
}
