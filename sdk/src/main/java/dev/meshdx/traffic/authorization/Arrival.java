package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.ServicePort;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.HttpRequest.Protocol;
import dev.meshdx.traffic.HttpRequest.Tls;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Hostnames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A request as it arrives at a workload: at which of its ports, over which connection. What the client's proxy makes of it is
 * taken from Istio's own settings. Source: istio/istio, {@code pilot/pkg/networking/util/util.go} (ALPN of mutual TLS) and
 * {@code pilot/pkg/model/service.go} ({@code BuildDNSSrvSubsetKey}, the server name).
 *
 * @param request what arrives
 * @param identity who sends it; empty for nobody with an identity
 * @param port the workload's port
 * @param isConnection whether nothing but its connection can be looked at
 * @param notes what was taken for granted
 */
record Arrival(HttpRequest request, String identity, int port, boolean isConnection, List<String> notes) {

    /** Ports of Services whose protocol Istio finds out, or that speak HTTP. */
    private static final Set<String> NO_TCP = Set.of("HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY", "AUTO", "");

    /**
     * A port of the workload.
     *
     * @param missing the name by which a Service wants it, where the workload has no port of that name
     */
    private record Port(int number, int servicePort, String host, String protocol, String missing) {}

    /** A request with everything that it needs. */
    static Arrival asGiven(HttpRequest request) {
        String identity = Peer.of(request).identityIn(Peer.TRUST_DOMAIN);
        int port = request.destination().map(Addresses::port).orElse(0);
        return new Arrival(request, identity, port, request.protocol() == Protocol.TCP, List.of());
    }

    /** A request of a peer, brought to a workload. */
    static Arrival of(HttpRequest request, Peer peer, Workload workload) {
        List<String> notes = new ArrayList<>();
        String identity = peer.identityIn(workload.trustDomain());
        Port port = port(request, workload, notes);
        HttpRequest arriving = request;
        if (request.destination().isEmpty() && !workload.address().isEmpty()) {
            arriving = arriving.to(Addresses.target(workload.address(), port.number));
        }
        arriving = from(arriving, peer);
        boolean connection = request.protocol() == Protocol.TCP;
        if (workload.isBehindMesh()
                && request.tls()
                        .filter(tls -> tls.clientCertificate().isEmpty())
                        .isPresent()) {
            connection = true;
            notes.add("the client speaks TLS with the application itself, so rules can look at the connection only");
        } else if (workload.isBehindMesh() && !NO_TCP.contains(port.protocol.toUpperCase(Locale.ROOT))) {
            connection = true;
            notes.add("port " + port.servicePort + " of " + port.host + " is declared as " + port.protocol
                    + ", so rules can look at the connection only");
        }
        if (!identity.isEmpty()) {
            arriving = workload.isBehindMesh()
                    ? mutual(arriving, identity, connection, port)
                    : withCertificate(arriving, identity, notes);
        } else if (connection && request.tls().isEmpty()) {
            arriving = arriving.protocol(Protocol.TCP);
        }
        return new Arrival(arriving, identity, port.number, connection, List.copyOf(notes));
    }

    /**
     * A request as a waypoint sees it, out of a tunnel that told whose it is. Source: istio/istio, waypoints'
     * {@code connect_terminate} and {@code main_internal}.
     *
     * @param address the address of the Service that it is for; empty where that is not known
     */
    static Arrival atWaypoint(HttpRequest request, Peer peer, Workload workload, String address) {
        String identity = peer.identityIn(workload.trustDomain());
        String authority = request.authority().orElse("");
        int colon = Hostnames.portStart(authority);
        int port = colon < 0 ? 80 : number(authority.substring(colon + 1));
        List<String> notes = new ArrayList<>();
        HttpRequest arriving = request;
        if (request.destination().isPresent()) {
            port = Addresses.port(request.destination().get());
        } else if (Addresses.bytes(address).isPresent()) {
            arriving = arriving.to(Addresses.target(address, port));
        } else {
            notes.add("no Service with an address has the host " + authority + ", so only what is meant is known");
        }
        arriving = from(arriving, peer);
        arriving = arriving.throughTunnel(identity);
        boolean connection = request.protocol() == Protocol.TCP || request.tls().isPresent();
        return new Arrival(arriving, identity, port, connection, List.copyOf(notes));
    }

    private static HttpRequest from(HttpRequest request, Peer peer) {
        Optional<String> known = request.source().map(Addresses::host);
        return peer.address().isEmpty() || peer.address().equals(known)
                ? request
                : request.from(Addresses.target(peer.address().get(), 0));
    }

    private static HttpRequest mutual(HttpRequest request, String identity, boolean connection, Port port) {
        boolean asGiven =
                request.tls().filter(tls -> !tls.clientCertificate().isEmpty()).isPresent();
        if (asGiven && !connection) {
            Tls own = request.tls().get();
            return request.tls(new Tls(own.serverName(), own.applicationProtocols(), identity));
        }
        String name = "outbound_." + port.servicePort + "_._." + port.host;
        Protocol spoken = request.protocol() == Protocol.HTTP_2 ? Protocol.HTTP_2 : Protocol.HTTP_1_1;
        List<String> protocols = HttpRequest.meshProtocols(connection ? Protocol.TCP : spoken);
        HttpRequest sent = connection ? request.protocol(Protocol.TCP) : request;
        return sent.tls(new Tls(name, protocols, identity));
    }

    private static HttpRequest withCertificate(HttpRequest request, String identity, List<String> notes) {
        if (request.tls().isEmpty()) {
            notes.add("a gateway sees an identity in a client certificate only, and this request is plain text");
            return request;
        }
        Tls own = request.tls().get();
        return request.tls(new Tls(own.serverName(), own.applicationProtocols(), identity));
    }

    // ---------------------------------------------------------------- the port

    /** The workload's port: as the URL names it, or that of the Service's port that it names. */
    private static Port port(HttpRequest request, Workload workload, List<String> notes) {
        String authority = request.authority().orElse("");
        int colon = Hostnames.portStart(authority);
        String host = (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (request.destination().isPresent()) {
            int given = Addresses.port(request.destination().get());
            return new Port(given, given, host, "", "");
        }
        boolean named = colon >= 0;
        int asked =
                named ? number(authority.substring(colon + 1)) : request.tls().isPresent() ? 443 : 80;
        List<Port> ports = new ArrayList<>();
        List<Port> ofHost = new ArrayList<>();
        for (Service service : workload.services()) {
            for (ServicePort port : service.ports()) {
                Port one = port(service, port, workload);
                ports.add(one);
                if (isCalled(service, host)) {
                    ofHost.add(one);
                }
            }
        }
        for (Port port : ofHost) {
            if (port.servicePort == asked) {
                return mapped(port, notes);
            }
        }
        for (Port port : ports) {
            if (named && port.number == asked) {
                return port;
            }
        }
        for (Port port : ports) {
            if (port.servicePort == asked) {
                return mapped(port, notes);
            }
        }
        List<Port> candidates = ofHost.isEmpty() ? ports : ofHost;
        if (!named && workload.kind() == Workload.Kind.SIDECAR && candidates.size() == 1) {
            Port only = candidates.get(0);
            notes.add("the URL names no port: taken for the one port of " + only.host + ", " + only.servicePort
                    + ", which is port " + only.number + " of the workload");
            return only;
        }
        notes.add("port " + asked + " is taken for a port of the workload: "
                + (workload.services().isEmpty()
                        ? "no Service that selects it is known"
                        : "no Service that selects it has such a port"));
        return new Port(asked, asked, host, "", "");
    }

    private static Port mapped(Port port, List<String> notes) {
        if (!port.missing.isEmpty()) {
            notes.add("port " + port.servicePort + " of " + port.host + " leads to port " + port.missing
                    + ", and the pod has none of that name");
        } else if (port.number != port.servicePort) {
            notes.add("port " + port.servicePort + " of " + port.host + " is port " + port.number + " of the workload");
        }
        return port;
    }

    private static Port port(Service service, ServicePort port, Workload workload) {
        String target = port.targetPort();
        Integer named = workload.portNames().get(target);
        int number = target.isEmpty() ? port.number() : named != null ? named : number(target);
        return new Port(
                number > 0 ? number : port.number(),
                port.number(),
                service.host(),
                port.protocol(),
                number > 0 ? "" : target);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Whether a host names a Service: by its name, with its namespace, in full, or by its address. */
    private static boolean isCalled(Service service, String host) {
        String qualified = service.name() + "." + service.namespace();
        return List.of(service.name(), qualified, qualified + ".svc", service.host())
                        .contains(host)
                || service.resource().spec().at("clusterIP").text("").equals(host);
    }
}
