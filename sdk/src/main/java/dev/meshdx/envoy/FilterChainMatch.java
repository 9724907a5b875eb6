package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Which connections a filter chain takes. Envoy asks in a fixed order (port, address, server name, transport, application
 * protocol, source), at each step takes the most specific value that any chain has, and does not go back. Immutable. Source:
 * Envoy, {@code config/listener/v3/listener_components.proto}, {@code FilterChainMatch}.
 */
public final class FilterChainMatch {
    private final Json raw;

    FilterChainMatch(Json raw) {
        this.raw = raw;
    }

    /** Whether it asks nothing. */
    public boolean isEmpty() {
        return raw.size() == 0;
    }

    /** The port that the connection was made to; 0 for any. */
    public int destinationPort() {
        return ProtoValues.count(raw.at("destination_port"), 0);
    }

    /** The addresses that the connection was made to, such as {@code 10.96.0.0/16}; empty for any. */
    public List<String> prefixRanges() {
        return ranges("prefix_ranges");
    }

    /** The server names (SNI), such as {@code *.example.com}; empty for any, or none. */
    public List<String> serverNames() {
        return raw.at("server_names").texts();
    }

    /** {@code tls}, {@code raw_buffer} (what is not TLS) …; empty for any. What is told apart only where a listener filter looks. */
    public String transportProtocol() {
        return raw.at("transport_protocol").text("");
    }

    /** The application protocols: ALPN, or what the HTTP inspector found out; empty for any. */
    public List<String> applicationProtocols() {
        return raw.at("application_protocols").texts();
    }

    /** The addresses of the direct peer, be it a load balancer; empty for any. */
    public List<String> directSourcePrefixRanges() {
        return ranges("direct_source_prefix_ranges");
    }

    /** {@code ANY}, {@code SAME_IP_OR_LOOPBACK} or {@code EXTERNAL}. */
    public String sourceType() {
        return ProtoValues.enumText(raw.at("source_type"), "ANY");
    }

    /** The addresses of the client; empty for any. */
    public List<String> sourcePrefixRanges() {
        return ranges("source_prefix_ranges");
    }

    /** The ports of the client; empty for any. */
    public List<Integer> sourcePorts() {
        return raw.at("source_ports").items().stream()
                .map(port -> ProtoValues.count(port, 0))
                .toList();
    }

    private List<String> ranges(String field) {
        List<String> ranges = new ArrayList<>();
        for (Json range : raw.at(field).items()) {
            ranges.add(range.at("address_prefix").text("") + "/" + ProtoValues.count(range.at("prefix_len"), 0));
        }
        return List.copyOf(ranges);
    }

    /** The whole match as Envoy prints it; missing where there is none. */
    public Json raw() {
        return raw;
    }

    /** {@code port 8443, SNI a.example.com, tls}; {@code any connection}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (destinationPort() != 0) {
            parts.add("port " + destinationPort());
        }
        add(parts, "to ", prefixRanges());
        add(parts, "SNI ", serverNames());
        if (!transportProtocol().isEmpty()) {
            parts.add(transportProtocol());
        }
        add(parts, "ALPN ", applicationProtocols());
        add(parts, "direct peer ", directSourcePrefixRanges());
        if (!sourceType().equals("ANY")) {
            parts.add("source " + sourceType());
        }
        add(parts, "from ", sourcePrefixRanges());
        add(parts, "from port ", sourcePorts().stream().map(String::valueOf).toList());
        return parts.isEmpty() ? "any connection" : String.join(", ", parts);
    }

    private static void add(List<String> parts, String label, List<String> values) {
        if (!values.isEmpty()) {
            parts.add(label + (values.size() > 5 ? ProtoValues.some(values, 5) : String.join(" or ", values)));
        }
    }
}
