package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a ServiceEntry must look like. Source: istio/istio, {@code validation.go}, {@code ValidateServiceEntry}. */
public final class ServiceEntrySchemaCheck extends SchemaCheck {
    public ServiceEntrySchemaCheck() {
        super(ResourceKind.SERVICE_ENTRY, "ServiceEntry");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        if (!Values.checkSelector(spec.at("workloadSelector", "labels"), problems)) {
            return;
        }
        List<Field> hosts = spec.at("hosts").items();
        List<Field> endpoints = spec.at("endpoints").items();
        String resolution = spec.at("resolution").value().text("NONE");
        Values.adviseLabels(spec.at("workloadSelector"), "labels", problems);
        problems.require(
                !spec.at("workloadSelector").exists() || endpoints.isEmpty(),
                spec.at("endpoints"),
                "a ServiceEntry cannot have both workloadSelector and endpoints");
        problems.require(!hosts.isEmpty(), spec.at("hosts"), "a ServiceEntry must have at least one host");
        for (Field host : hosts) {
            if (host.text().equals("*")) {
                problems.error(host, "a ServiceEntry's host must not be \"*\"");
            } else {
                Values.checkWildcardHost(host, problems);
                problems.advise(
                        !Values.isPartialWildcard(host.text()) || resolution.equals("DYNAMIC_DNS"),
                        host,
                        "the wildcard in \"" + host.text()
                                + "\" is not a whole label, so the host matches only itself");
            }
        }
        for (Field address : spec.at("addresses").items()) {
            problems.require(
                    Values.isSubnet(address.text()),
                    address,
                    "\"" + address.text() + "\" is not an address or a CIDR block");
            problems.require(
                    !address.text().contains("/") || resolution.equals("NONE") || resolution.equals("STATIC"),
                    address,
                    "a CIDR block as address needs resolution NONE or STATIC");
        }
        Set<String> ports = checkPorts(spec, problems);
        checkResolution(spec, resolution, hosts, endpoints, ports, problems);
        advise(spec, resolution, hosts, problems);
        if (hosts.size() > 1 && !resolution.equals("NONE")) {
            problems.require(
                    spec.at("ports").items().stream()
                            .map(port -> port.at("protocol").text())
                            .allMatch(protocol -> Values.isHttp(protocol) || Values.isTls(protocol)),
                    spec.at("hosts"),
                    "several hosts need ports with an HTTP or TLS protocol, or resolution NONE");
        }
        Values.checkExportTo(spec.at("exportTo"), namespace, true, problems);
    }

    private static void advise(Field spec, String resolution, List<Field> hosts, Problems problems) {
        boolean addresses = spec.at("addresses").value().size() > 0;
        if (resolution.equals("NONE")) {
            problems.advise(
                    !spec.at("workloadSelector").exists(),
                    spec.at("workloadSelector"),
                    "with resolution NONE a workloadSelector has no effect");
            for (Field port : spec.at("ports").items()) {
                String protocol = port.at("protocol").text();
                problems.advise(
                        addresses || !(protocol.isEmpty() || protocol.equals("TCP")),
                        port,
                        "with resolution NONE no address is allocated, and ports with plain TCP need one");
            }
        }
        if (resolution.equals("DNS") || resolution.equals("DNS_ROUND_ROBIN")) {
            boolean tcp = spec.at("ports").items().stream()
                    .anyMatch(port -> Values.isTcp(port.at("protocol").text()));
            problems.advise(
                    !addresses || hosts.size() <= 1 || !tcp,
                    spec.at("hosts"),
                    "several hosts share the addresses, and traffic to a TCP port cannot be told apart by host");
        }
    }

    private static Set<String> checkPorts(Field spec, Problems problems) {
        Set<String> names = new HashSet<>();
        Set<Long> numbers = new HashSet<>();
        for (Field port : spec.at("ports").items()) {
            if (port.value().isNull()) {
                problems.error(port, "a port must not be null");
                continue;
            }
            String name = port.at("name").text();
            long number = port.at("number").value().number(0);
            problems.require(names.add(name), port.at("name"), "the port name \"" + name + "\" is used twice");
            problems.require(numbers.add(number), port.at("number"), "the port number " + number + " is used twice");
            problems.require(Values.isLabel(name), port.at("name"), "\"" + name + "\" is not a valid port name");
            Values.checkPort(port.at("number"), problems);
            if (port.at("targetPort").value().number(0) != 0) {
                Values.checkPort(port.at("targetPort"), problems);
            }
            String protocol = port.at("protocol").text();
            problems.require(
                    protocol.isEmpty() || Values.isProtocol(protocol),
                    port.at("protocol"),
                    "\"" + protocol + "\" is not a protocol");
        }
        return names;
    }

    private static void checkResolution(
            Field spec,
            String resolution,
            List<Field> hosts,
            List<Field> endpoints,
            Set<String> ports,
            Problems problems) {
        switch (resolution) {
            case "NONE" ->
                problems.require(
                        endpoints.isEmpty(), spec.at("endpoints"), "resolution NONE does not go with endpoints");
            case "STATIC" ->
                endpoints.forEach(endpoint -> {
                    String address = endpoint.at("address").text();
                    boolean unix = address.startsWith("unix://");
                    if (address.isEmpty() && !endpoint.at("network").text().isEmpty()) {
                        problems.warn(
                                endpoint.at("address"),
                                "an endpoint has a network but no address; it is reached through the network's gateway");
                    } else {
                        problems.require(
                                unix ? Values.isUnixPath(address.substring("unix://".length())) : Values.isIp(address),
                                endpoint.at("address"),
                                "with resolution STATIC an endpoint needs an IP address or a unix socket, not \""
                                        + address + "\"");
                    }
                    problems.require(
                            !unix || endpoint.at("ports").value().size() == 0,
                            endpoint.at("ports"),
                            "an endpoint on a unix socket cannot have ports");
                    problems.require(
                            !unix || ports.size() == 1,
                            endpoint.at("address"),
                            "an endpoint on a unix socket needs exactly one port");
                    checkEndpoint(endpoint, ports, problems);
                });
            case "DNS", "DNS_ROUND_ROBIN" -> {
                if (endpoints.isEmpty()) {
                    problems.require(
                            hosts.stream().allMatch(host -> Values.isHostName(host.text())),
                            spec.at("hosts"),
                            "hosts that DNS resolves must be full names, without wildcards");
                }
                problems.require(
                        resolution.equals("DNS") || endpoints.size() <= 1,
                        spec.at("endpoints"),
                        "resolution DNS_ROUND_ROBIN allows one endpoint only");
                endpoints.forEach(endpoint -> {
                    String address = endpoint.at("address").text();
                    problems.require(
                            Values.isIp(address) || Values.isHostName(address),
                            endpoint.at("address"),
                            "\"" + address + "\" is not a host name or an address");
                    checkEndpoint(endpoint, ports, problems);
                });
            }
            case "DYNAMIC_DNS" -> {
                problems.require(
                        hosts.stream().allMatch(host -> host.text().startsWith("*")),
                        spec.at("hosts"),
                        "resolution DYNAMIC_DNS needs wildcard hosts");
                problems.require(
                        endpoints.isEmpty(), spec.at("endpoints"), "resolution DYNAMIC_DNS does not go with endpoints");
                problems.require(
                        spec.at("addresses").value().size() == 0,
                        spec.at("addresses"),
                        "resolution DYNAMIC_DNS does not go with addresses");
                for (Field port : spec.at("ports").items()) {
                    problems.require(
                            Set.of("HTTP", "TLS", "GRPC", "HTTP2")
                                    .contains(port.at("protocol").text().toUpperCase(Locale.ROOT)),
                            port.at("protocol"),
                            "resolution DYNAMIC_DNS allows HTTP, HTTP2, GRPC and TLS only");
                }
            }
            default -> problems.error(spec.at("resolution"), "resolution " + resolution + " is not supported");
        }
    }

    private static void checkEndpoint(Field endpoint, Set<String> ports, Problems problems) {
        Values.checkLabels(endpoint.at("labels"), problems);
        for (Field port : endpoint.at("ports").entries()) {
            String name = port.path().substring(endpoint.at("ports").path().length() + 1);
            problems.require(Values.isLabel(name), port, "\"" + name + "\" is not a valid port name");
            problems.require(ports.contains(name), port, "the endpoint's port \"" + name + "\" is not among the ports");
            Values.checkPort(port, problems);
        }
    }
}
