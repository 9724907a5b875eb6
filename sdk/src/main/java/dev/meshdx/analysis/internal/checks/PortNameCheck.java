package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Names of Service ports that do not tell the protocol. Source: istio/istio, {@code service/portname.go}, and Istio,
 * "Protocol Selection".
 */
public final class PortNameCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0118",
            "PortNameIsNotUnderNamingConvention",
            Severity.INFO,
            "The name of a Service's port does not tell its protocol.");

    static final FindingCode EXTERNAL_NAME = new FindingCode(
            "IST0150",
            "ExternalNameServiceTypeInvalidPortName",
            Severity.WARNING,
            "The name of an ExternalName Service's port keeps the proxy from forwarding properly.");

    private static final Set<String> PROTOCOLS =
            Set.of("tcp", "udp", "grpc", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql");

    private static final Set<String> APP_PROTOCOLS =
            Set.of("kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss");

    /** SMTP, DNS, MySQL and MongoDB: the server speaks first, so Istio takes them as TCP. */
    private static final Set<Long> TCP_PORTS = Set.of(25L, 53L, 3306L, 27017L);

    private static final Set<String> MANAGED =
            Set.of("istio.io-gateway-controller", "istio.io-mesh-controller", "istio.io-eastwest-controller");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE, EXTERNAL_NAME);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SERVICE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource service : configuration.all(SERVICE)) {
            if (isControlPlane(service)
                    || MANAGED.contains(
                            service.label("gateway.istio.io/managed").orElse(""))) {
                continue;
            }
            boolean external = service.spec().at("type").text("").equals("ExternalName");
            for (Field port : Field.spec(service).at("ports").items()) {
                String name = port.at("name").text();
                if (tellsProtocol(port.value()) && !(external && name.equals("tcp"))) {
                    continue;
                }
                report.accept((external ? external(configuration, service, port) : plain(configuration, service, port))
                        .build());
            }
        }
    }

    private static Finding.Builder plain(Configuration configuration, Resource service, Field port) {
        String name = port.at("name").text();
        long number = port.at("port").value().number(0);
        return configuration
                .finding(CODE, service, place(port))
                .message((name.isEmpty()
                                ? "Port " + number + " has no name"
                                : "Port " + number + " is named \"" + name + "\"")
                        + ", which does not tell its protocol (targetPort "
                        + port.at("targetPort").value().text("0") + "): proxies have to guess it from the traffic.")
                .remedy("Begin the name with the protocol (http-" + (name.isEmpty() ? "web" : name)
                        + ") or set appProtocol: " + ReferencedResources.edit(service));
    }

    private static Finding.Builder external(Configuration configuration, Resource service, Field port) {
        return configuration
                .finding(EXTERNAL_NAME, service, place(port))
                .message("A port of this ExternalName Service is named \""
                        + port.at("name").text()
                        + "\": as plain TCP without a protocol it may take all traffic of that port number.")
                .remedy("Name it after its protocol, such as http or tls: " + ReferencedResources.edit(service));
    }

    /** The name, or the number of a port without one: each port has a finding of its own, at a line of its own. */
    private static Field place(Field port) {
        return port.at("name").exists() ? port.at("name") : port.at("port");
    }

    /** Charts mark their parts so. */
    private static boolean isControlPlane(Resource service) {
        return service.labels().containsKey("istio")
                || service.label("release").map("istio"::equals).orElse(false);
    }

    private static boolean tellsProtocol(Json port) {
        if (port.at("protocol").text("").equals("UDP")) {
            return true;
        }
        String name = port.at("appProtocol").text(port.at("name").text("")).toLowerCase(Locale.ROOT);
        if (port.at("appProtocol").exists() && APP_PROTOCOLS.contains(name)) {
            return true;
        }
        if (name.startsWith("grpc-web")) {
            return true;
        }
        int dash = name.indexOf('-');
        return PROTOCOLS.contains(dash < 0 ? name : name.substring(0, dash))
                || TCP_PORTS.contains(port.at("port").number(0));
    }
}
