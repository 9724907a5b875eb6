package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a Gateway must look like. Source: istio/istio, {@code validation.go}, {@code ValidateGateway}. */
public final class GatewaySchemaCheck extends SchemaCheck {
    public GatewaySchemaCheck() {
        super(ResourceKind.GATEWAY, "Gateway");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        problems.require(
                Values.isLabel(resource.name()),
                new Field("metadata.name", Json.of(resource.name())),
                "the name of a Gateway must be a DNS label");
        List<Field> servers = spec.at("servers").items();
        problems.require(!servers.isEmpty(), spec.at("servers"), "a Gateway must have at least one server");
        Set<String> names = new HashSet<>();
        for (Field server : servers) {
            if (server.value().isNull()) {
                problems.error(server, "a server must not be null");
                continue;
            }
            boolean validPort = checkPort(server, problems);
            if (server.at("port").exists()) {
                String name = server.at("port", "name").text();
                problems.require(
                        name.isEmpty() || names.add(name),
                        server.at("port", "name"),
                        "the port name \"" + name + "\" is used twice");
            }
            checkHosts(server, problems);
            checkTls(server, validPort, problems);
        }
    }

    private static boolean checkPort(Field server, Problems problems) {
        Field port = server.at("port");
        String bind = server.at("bind").text();
        boolean unix = bind.startsWith("unix://");
        if (unix) {
            problems.require(
                    Values.isUnixPath(bind.substring("unix://".length())),
                    server.at("bind"),
                    "\"" + bind + "\" is not a path of a unix socket");
            problems.require(
                    port.at("number").value().number(0) == 0,
                    port.at("number"),
                    "a server on a unix socket must have port number 0");
        } else {
            problems.require(
                    bind.isEmpty() || Values.isIp(bind),
                    server.at("bind"),
                    "\"" + bind + "\" is not an address to bind to");
        }
        if (!port.exists()) {
            problems.error(port, "a server must have a port");
            return false;
        }
        Problems own = new Problems();
        String protocol = port.at("protocol").text();
        own.require(
                Values.isProtocol(protocol),
                port.at("protocol"),
                protocol.isEmpty() ? "a server's port must have a protocol" : "\"" + protocol + "\" is not a protocol");
        if (!unix) {
            Values.checkPort(port.at("number"), own);
        }
        own.require(
                !port.at("name").text().isEmpty(),
                port.at("name"),
                "port " + port.at("number").value().number(0) + (protocol.isEmpty() ? "" : " (" + protocol + ")")
                        + " of a server must have a name");
        own.require(!port.at("targetPort").exists(), port.at("targetPort"), "a server's port cannot have a targetPort");
        own.byMessage().forEach((message, fields) -> fields.forEach(field -> problems.error(field, message)));
        return own.isEmpty();
    }

    private static void checkHosts(Field server, Problems problems) {
        List<Field> hosts = server.at("hosts").items();
        problems.require(!hosts.isEmpty(), server.at("hosts"), "a server must have at least one host");
        for (Field host : hosts) {
            HostInNamespace.checkGateway(host, problems);
        }
    }

    private static void checkTls(Field server, boolean validPort, Problems problems) {
        Field tls = server.at("tls");
        if (tls.exists()) {
            Tls.checkServer(tls, problems);
        }
        problems.advise(
                !Values.isTrue(tls.at("httpsRedirect").value())
                        || !server.at("port").exists()
                        || Values.isHttp(server.at("port", "protocol").text()),
                tls.at("httpsRedirect"),
                "the field httpsRedirect has a meaning for servers with protocol HTTP only");
        if (!validPort) {
            return;
        }
        String protocol = server.at("port", "protocol").text();
        if (Values.isTls(protocol)) {
            problems.require(tls.exists(), tls, "a server with protocol HTTPS or TLS must have tls");
        } else if (Values.isHttp(protocol)) {
            String mode = tls.at("mode").value().text("PASSTHROUGH");
            boolean certificates = List.of("serverCertificate", "privateKey", "caCertificates").stream()
                    .anyMatch(name -> !tls.at(name).text().isEmpty());
            problems.require(
                    !tls.exists() || ((mode.equals("PASSTHROUGH") || mode.equals("AUTO_PASSTHROUGH")) && !certificates),
                    tls,
                    "a server with an HTTP protocol cannot terminate TLS; use HTTPS");
        } else {
            problems.require(!tls.exists(), tls, "a server whose protocol is neither HTTPS nor TLS cannot have tls");
        }
    }
}
