package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.GRPC_ROUTE;
import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * HTTP routes in the mesh for hosts whose ports do not say that they carry HTTP. Source: Istio, "Protocol Selection"; istio/api,
 * {@code VirtualService.http}: applied to ports named http-, http2- or grpc-, and to those of no declared protocol; istio/istio,
 * {@code pilot/pkg/networking/core/listener_outbound.go}.
 */
public final class RouteProtocolCheck implements ConfigurationCheck {
    static final FindingCode TCP = new FindingCode(
            "MDX0286",
            "HttpRouteOnTcpPort",
            Severity.ERROR,
            "HTTP routes are for a host whose ports are declared as something else, so they are never used.");

    static final FindingCode DETECTED = new FindingCode(
            "MDX0289",
            "HttpRouteOnUndeclaredPort",
            Severity.INFO,
            "HTTP routes are for a host whose ports do not tell their protocol: they hold where proxies detect HTTP.");

    @Override
    public List<FindingCode> codes() {
        return List.of(TCP, DETECTED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, HTTP_ROUTE, GRPC_ROUTE, SERVICE, SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        ServiceRegistry registry = ServiceRegistry.of(configuration);
        for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
            if (hasMeshRoute(service)) {
                for (Field host : Field.spec(service).at("hosts").items()) {
                    if (!host.text().startsWith("*")) {
                        registry.find(
                                        configuration.namespaceOf(service),
                                        service.spec().at("exportTo").texts(),
                                        host.text())
                                .filter(found -> !found.host().startsWith("*"))
                                .ifPresent(found -> check(configuration, service, host, found.resource(), 0, report));
                    }
                }
            }
        }
        for (ResourceKind kind : List.of(HTTP_ROUTE, GRPC_ROUTE)) {
            for (Resource route : configuration.all(kind)) {
                for (Field parent : Field.spec(route).at("parentRefs").items()) {
                    if (parent.at("kind").text().equals("Service")) {
                        Optional<Resource> service = configuration.find(
                                SERVICE,
                                parent.at("namespace").value().text(configuration.namespaceOf(route)),
                                parent.at("name").text());
                        service.ifPresent(found -> check(
                                configuration,
                                route,
                                parent.at("name"),
                                found,
                                parent.at("port").value().number(0),
                                report));
                    }
                }
            }
        }
    }

    /** Whether sidecars follow any HTTP route of a VirtualService. */
    private static boolean hasMeshRoute(Resource service) {
        List<String> gateways = service.spec().at("gateways").texts();
        if (!gateways.isEmpty() && !gateways.contains("mesh")) {
            return false;
        }
        for (Field route : Field.spec(service).at("http").items()) {
            List<Field> matches = route.at("match").items();
            if (matches.isEmpty()) {
                return true;
            }
            for (Field match : matches) {
                List<String> own = match.at("gateways").value().texts();
                if (own.isEmpty() || own.contains("mesh")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void check(
            Configuration configuration,
            Resource route,
            Field host,
            Resource owner,
            long wanted,
            Consumer<Finding> report) {
        boolean service = owner.kind().equals(SERVICE);
        Map<PortProtocol, List<Field>> ports = new EnumMap<>(PortProtocol.class);
        for (Field port : Field.spec(owner).at("ports").items()) {
            if (wanted == 0 || port.at("port").value().number(0) == wanted) {
                PortProtocol protocol =
                        service ? PortProtocol.ofService(port.value()) : PortProtocol.ofServiceEntry(port.value());
                ports.computeIfAbsent(protocol, unused -> new ArrayList<>()).add(port);
            }
        }
        List<Field> tcp = ports.getOrDefault(PortProtocol.TCP, List.of());
        List<Field> detected = ports.getOrDefault(PortProtocol.DETECTED, List.of());
        boolean external = owner.spec().at("type").text("").equals("ExternalName");
        if (ports.containsKey(PortProtocol.HTTP) || (detected.isEmpty() && tcp.isEmpty())) {
            return;
        }
        if (!detected.isEmpty()) {
            if (!external) {
                report.accept(detected(configuration, route, host, owner, detected));
            }
            return;
        }
        Finding.Builder finding = configuration
                .finding(TCP, route, host)
                .message("The HTTP routes for " + host.text() + " are never used: " + owner + " declares "
                        + describe(tcp, service) + ", so proxies pass connections on without looking for requests.");
        evidence(finding, owner, tcp, service);
        report.accept(finding.remedy("If the port carries HTTP, declare it: " + declaration(tcp.get(0), service) + ": "
                        + ReferencedResources.edit(owner) + ". If not, write "
                        + (route.kind().equals(VIRTUAL_SERVICE)
                                ? "tcp (or tls) routes instead of http: "
                                : "a TCPRoute instead: ")
                        + ReferencedResources.edit(route))
                .build());
    }

    private static Finding detected(
            Configuration configuration, Resource route, Field host, Resource owner, List<Field> ports) {
        boolean service = owner.kind().equals(SERVICE);
        Finding.Builder finding = configuration
                .finding(DETECTED, route, host)
                .message("The HTTP routes for " + host.text() + " hold only where proxies detect HTTP: " + owner
                        + " does not declare the protocol of " + describe(ports, service)
                        + ". What is not recognized by its first bytes passes the routes by, and a client that waits for"
                        + " the server to speak first hangs.");
        evidence(finding, owner, ports, service);
        return finding.remedy("Declare the protocol: " + declaration(ports.get(0), service) + ": "
                        + ReferencedResources.edit(owner))
                .build();
    }

    private static void evidence(Finding.Builder finding, Resource owner, List<Field> ports, boolean service) {
        for (Field port : ports.subList(0, Math.min(5, ports.size()))) {
            Field said = declared(port, service);
            finding.evidence(said.path(), owner.toString(), said.quoted());
        }
    }

    /** The field that tells a port's protocol. */
    private static Field declared(Field port, boolean service) {
        return !service
                ? port.at("protocol")
                : port.at("appProtocol").exists() ? port.at("appProtocol") : port.at("name");
    }

    private static String describe(List<Field> ports, boolean service) {
        List<String> texts = new ArrayList<>();
        for (Field port : ports.subList(0, Math.min(3, ports.size()))) {
            Field said = declared(port, service);
            long number = port.at(service ? "port" : "number").value().number(0);
            texts.add("port " + number + " ("
                    + (said.text().isEmpty() ? "no " + said.name() : said.name() + " \"" + said.text() + "\"") + ")");
        }
        return String.join(" and ", texts) + (ports.size() > 3 ? " and others" : "");
    }

    private static String declaration(Field port, boolean service) {
        long number = port.at(service ? "port" : "number").value().number(0);
        return service
                ? "ports: [{port: " + number + ", name: http-web}], or appProtocol: http there"
                : "ports: [{number: " + number + ", name: http, protocol: HTTP}]";
    }
}
