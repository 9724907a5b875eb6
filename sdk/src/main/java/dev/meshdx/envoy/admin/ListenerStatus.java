package dev.meshdx.envoy.admin;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener as the proxy's process has it, with the addresses that its sockets really have. Immutable; safe for use by several
 * threads.
 *
 * <p>Source: Envoy, {@code admin/v3/listeners.proto}.
 */
public final class ListenerStatus {
    private final Json raw;

    ListenerStatus(Json raw) {
        this.raw = raw;
    }

    /** Its name, such as {@code 0.0.0.0_8080}. */
    public String name() {
        return raw.at("name").text("");
    }

    private List<Json> locals() {
        List<Json> locals = new ArrayList<>();
        if (raw.at("local_address").exists()) {
            locals.add(raw.at("local_address"));
        }
        locals.addAll(raw.at("additional_local_addresses").items());
        return locals;
    }

    /** The main IP address or path of a socket; of an internal listener the name that others reach it by. */
    public String address() {
        return address(raw.at("local_address"));
    }

    /** The main port; 0 where it has none. */
    public int port() {
        return port(raw.at("local_address"));
    }

    /** All of its addresses, the main one first: {@code 0.0.0.0:8080}, {@code [::]:8080}, a path, {@code envoy://NAME}. */
    public List<String> addresses() {
        return locals().stream().map(ListenerStatus::text).toList();
    }

    /** Whether it has no socket, but is reached from within the proxy, as those of ambient mode and of tunnels. */
    public boolean isInternal() {
        return raw.at("local_address", "envoy_internal_address").exists();
    }

    /** Whether one of its addresses has this port. */
    public boolean hasPort(int port) {
        return locals().stream().anyMatch(local -> port(local) == port);
    }

    /** All of it as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    private static String address(Json local) {
        return local.at("socket_address", "address")
                .text(local.at("pipe", "path")
                        .text(local.at("envoy_internal_address", "server_listener_name")
                                .text("")));
    }

    private static int port(Json local) {
        long port = local.at("socket_address", "port_value").number(0);
        return port < 0 || port > 65535 ? 0 : (int) port;
    }

    private static String text(Json local) {
        String address = address(local);
        if (local.at("envoy_internal_address").exists()) {
            return "envoy://" + address;
        }
        return !local.at("socket_address").exists()
                ? address
                : (address.contains(":") ? "[" + address + "]" : address) + ":" + port(local);
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " " + String.join(", ", addresses());
    }
}
