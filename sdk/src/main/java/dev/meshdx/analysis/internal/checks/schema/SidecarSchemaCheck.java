package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a Sidecar must look like. Source: istio/istio, {@code validation.go}, {@code ValidateSidecar}. */
public final class SidecarSchemaCheck extends SchemaCheck {
    private static final Set<String> LOCAL = Set.of("", "127.0.0.1", "0.0.0.0", "[::1]", "[::]", "::1", "::");

    public SidecarSchemaCheck() {
        super(ResourceKind.SIDECAR, "Sidecar");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        if (!Values.checkSelector(spec.at("workloadSelector", "labels"), problems)) {
            return;
        }
        if (spec.at("egress").value().size() == 0
                && spec.at("ingress").value().size() == 0
                && !spec.at("outboundTrafficPolicy").exists()
                && !spec.at("inboundConnectionPool").exists()) {
            problems.error(spec, "a Sidecar must set egress, ingress, outboundTrafficPolicy or inboundConnectionPool");
            return;
        }
        Values.adviseLabels(spec.at("workloadSelector"), "labels", problems);
        checkIngress(spec, problems);
        checkEgress(spec, problems);
        TrafficPolicies.checkPool(spec.at("inboundConnectionPool"), problems);
        Field policy = spec.at("outboundTrafficPolicy");
        problems.require(
                !policy.at("mode").text().equals("ALLOW_ANY_DYNAMIC_DNS"),
                policy.at("mode"),
                "a Sidecar cannot use mode ALLOW_ANY_DYNAMIC_DNS");
        Field proxy = policy.at("egressProxy");
        if (proxy.exists()) {
            problems.require(
                    policy.at("mode").text().equals("ALLOW_ANY"),
                    policy.at("mode"),
                    "egressProxy needs mode ALLOW_ANY");
            problems.require(
                    Values.isHostName(proxy.at("host").text()), proxy.at("host"), "egressProxy needs a full host name");
            problems.require(proxy.at("port").exists(), proxy.at("port"), "egressProxy needs a port");
            Values.checkDestination(proxy, problems);
        }
    }

    private static void checkIngress(Field spec, Problems problems) {
        Set<Long> numbers = new HashSet<>();
        for (Field ingress : spec.at("ingress").items()) {
            if (ingress.value().isNull() || !ingress.at("port").exists()) {
                problems.error(ingress.at("port"), "an ingress listener must have a port");
                continue;
            }
            Field port = ingress.at("port");
            checkPortNames(port, problems);
            Values.checkPort(port.at("number"), problems);
            long number = port.at("number").value().number(0);
            problems.require(
                    numbers.add(number), port.at("number"), "the port " + number + " is used by two ingress listeners");
            checkBind(ingress.at("bind"), problems);
            checkEndpoint(ingress.at("defaultEndpoint"), problems);
            Field tls = ingress.at("tls");
            if (tls.exists()) {
                checkTls(tls, port, problems);
            }
            TrafficPolicies.checkPool(ingress.at("connectionPool"), problems);
            String protocol = port.at("protocol").text();
            problems.advise(
                    !ingress.at("connectionPool", "http").exists() || Values.isHttp(protocol),
                    ingress.at("connectionPool", "http"),
                    "the field connectionPool.http has no effect on port " + number + ", whose protocol is \""
                            + protocol + "\"");
        }
    }

    private static void checkTls(Field tls, Field port, Problems problems) {
        for (String name :
                List.of("subjectAltNames", "httpsRedirect", "credentialName", "credentialNames", "tlsCertificates")) {
            boolean there = tls.at(name).value().size() > 0
                    || (!tls.at(name).text().isEmpty() && !tls.at(name).text().equals("false"));
            problems.require(!there, tls.at(name), "an ingress listener's tls cannot have " + name);
        }
        String mode = tls.at("mode").text();
        problems.require(
                !mode.equals("ISTIO_MUTUAL") && !mode.equals("AUTO_PASSTHROUGH"),
                tls.at("mode"),
                "an ingress listener's tls cannot have mode " + mode);
        problems.require(
                Values.isTls(port.at("protocol").text()),
                port.at("protocol"),
                "an ingress listener with tls needs protocol HTTPS or TLS");
        Tls.checkServer(tls, problems);
    }

    private static void checkPortNames(Field port, Problems problems) {
        problems.require(!port.at("targetPort").exists(), port.at("targetPort"), "a listener cannot have a targetPort");
        String name = port.at("name").text();
        problems.require(
                name.isEmpty() || Values.isLabel(name), port.at("name"), "\"" + name + "\" is not a valid port name");
        String protocol = port.at("protocol").text();
        problems.require(
                protocol.isEmpty() || Values.isProtocol(protocol),
                port.at("protocol"),
                "\"" + protocol + "\" is not a protocol");
    }

    private static void checkBind(Field bind, Problems problems) {
        problems.require(
                bind.text().isEmpty() || Values.isIp(bind.text()),
                bind,
                "\"" + bind.text() + "\" is not an address to bind to");
    }

    private static void checkEndpoint(Field endpoint, Problems problems) {
        String text = endpoint.text();
        if (text.isEmpty()) {
            return;
        }
        if (text.startsWith("unix://")) {
            problems.require(
                    Values.isUnixPath(text.substring("unix://".length())),
                    endpoint,
                    "\"" + text + "\" is not a path of a unix socket");
            return;
        }
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        problems.require(
                colon >= 0
                        && LOCAL.contains(text.substring(0, colon))
                        && port.matches("[0-9]{1,5}")
                        && Values.isPort(Long.parseLong(port)),
                endpoint,
                "defaultEndpoint \"" + text
                        + "\" must be 127.0.0.1:PORT, 0.0.0.0:PORT, their IPv6 forms, or unix:///PATH");
    }

    private static void checkEgress(Field spec, Problems problems) {
        List<Field> listeners = spec.at("egress").items();
        Set<Long> numbers = new HashSet<>();
        Set<String> binds = new HashSet<>();
        boolean anyPort = false;
        for (int i = 0; i < listeners.size(); i++) {
            Field egress = listeners.get(i);
            if (egress.value().isNull()) {
                problems.error(egress, "an egress listener must not be null");
                continue;
            }
            Field port = egress.at("port");
            Field bind = egress.at("bind");
            if (!port.exists()) {
                if (anyPort) {
                    problems.error(egress, "only one egress listener can be without a port");
                } else {
                    problems.require(
                            i == listeners.size() - 1, egress, "the egress listener without a port must be the last");
                }
                anyPort = true;
            } else {
                checkPortNames(port, problems);
                long number = port.at("number").value().number(0);
                if (number == 0) {
                    boolean unix = bind.text().startsWith("unix://")
                            && Values.isUnixPath(bind.text().substring("unix://".length()));
                    problems.require(
                            unix, bind, "an egress listener with port number 0 needs a unix socket to bind to");
                    problems.require(
                            !egress.at("captureMode").text().equals("IPTABLES"),
                            egress.at("captureMode"),
                            "an egress listener on a unix socket cannot capture with IPTABLES");
                    problems.require(binds.add(bind.text()), bind, "two egress listeners bind to " + bind.text());
                } else {
                    Values.checkPort(port.at("number"), problems);
                    problems.require(
                            numbers.add(number),
                            port.at("number"),
                            "the port " + number + " is used by two egress listeners");
                    checkBind(bind, problems);
                }
            }
            List<Field> hosts = egress.at("hosts").items();
            problems.require(!hosts.isEmpty(), egress.at("hosts"), "an egress listener must have at least one host");
            for (Field host : hosts) {
                checkHost(host, problems);
            }
            adviseHosts(egress.at("hosts"), problems);
        }
    }

    /** Hosts of one listener that others of it contain. */
    private static void adviseHosts(Field hosts, Problems problems) {
        Map<String, Set<String>> byNamespace = new TreeMap<>();
        for (Field item : hosts.items()) {
            String text = item.text();
            int slash = text.indexOf('/');
            if (slash > 0 && !text.startsWith("~")) {
                problems.advise(
                        byNamespace
                                .computeIfAbsent(text.substring(0, slash), unused -> new HashSet<>())
                                .add(text.substring(slash + 1)),
                        item,
                        "the egress host \"" + text + "\" is there twice");
            }
        }
        boolean all = byNamespace.getOrDefault("*", Set.of()).contains("*");
        problems.advise(
                !all || byNamespace.size() == 1, hosts, "\"*/*\" selects everything, the other hosts add nothing");
        byNamespace.forEach((namespace, names) -> problems.advise(
                !names.contains("*") || names.size() == 1,
                hosts,
                "\"" + namespace + "/*\" selects the whole namespace, its other hosts add nothing"));
    }

    private static void checkHost(Field host, Problems problems) {
        String text = host.text();
        // "~" in front takes hosts away.
        boolean minus = text.startsWith("~") && !text.startsWith("~/");
        HostInNamespace.checkSidecar(
                minus ? new Field(host.path(), dev.meshdx.model.Json.of(text.substring(1))) : host, problems);
    }
}
