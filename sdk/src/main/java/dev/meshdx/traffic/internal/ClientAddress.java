package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;

/**
 * The client's address as a proxy sees it behind those that forwarded the request. Source: Envoy,
 * {@code source/common/http/conn_manager_utility.cc}; measured on Envoy 1.40.
 */
public final class ClientAddress {
    private ClientAddress() {}

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
