package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.HttpRequest.Protocol;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.MetadataTest;
import dev.meshdx.traffic.internal.Paths;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.RoutedRequest;
import dev.meshdx.traffic.internal.rbac.Call;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the policies say of a request where no proxy's configuration tells how it gets there. */
final class Meant {
    /** How istiod has paths normalized unless the mesh says otherwise. Source: Istio, {@code MeshConfig.pathNormalization}, BASE. */
    private static final Json DEFAULT_PATHS = Json.object("normalize_path", true);

    private Meant() {}

    static PolicyFilters.Result filters(Facts facts, PolicyTarget target, boolean connection) {
        var policies = java.util.Objects.requireNonNull(facts.policies());
        return connection ? PolicyFilters.tcp(policies, target) : PolicyFilters.http(policies, target);
    }

    static AuthorizationDecision decide(List<Json> filters, Arrival arrival, Set<String> issuers) {
        return RbacFilters.of(filters, new Regexes())
                .decide(call(arrival, issuers))
                .decision();
    }

    private static Call call(Arrival arrival, Set<String> issuers) {
        HttpRequest request = arrival.request();
        String source = request.source().map(Addresses::host).orElse("");
        String name = request.tls().map(HttpRequest.Tls::serverName).orElse("");
        Connection connection = new Connection(
                request.destination().map(Addresses::host).orElse(""),
                arrival.port(),
                source,
                0,
                source,
                request.tls().isPresent() ? "tls" : "raw_buffer",
                List.of(),
                name);
        boolean http2 = request.protocol() == Protocol.HTTP_2;
        Headers headers = new Headers(arrival.isConnection() ? List.of() : request.headers(), http2);
        if (!arrival.isConnection()) {
            headers.set(":method", request.method());
            headers.set(":authority", request.authority().orElse(""));
            Paths.Result path = Paths.normalize(request.path(), DEFAULT_PATHS);
            headers.set(":path", path.action() == Paths.Action.REJECT ? request.path() : path.path());
            headers.set(":scheme", arrival.identity().isEmpty() ? "http" : "https");
        }
        boolean shown = !arrival.identity().isEmpty();
        Json claims = claims(headers, issuers);
        Json metadata = claims.exists() ? Json.object(MetadataTest.JWT, Json.object("payload", claims)) : Json.MISSING;
        return new Call(
                connection,
                new RoutedRequest(headers, shown, metadata),
                shown || request.tls().isPresent(),
                arrival.identity(),
                source);
    }

    /** The claims of a token of a known issuer. Its signature and its time are taken for good, as in a trace. */
    private static Json claims(Headers headers, Set<String> issuers) {
        String token = headers.first("authorization")
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring("Bearer ".length()))
                .orElse("");
        @Nullable String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Json.MISSING;
        }
        try {
            Json payload = Json.parse(
                    new String(Base64.getUrlDecoder().decode(String.valueOf(parts[1])), StandardCharsets.UTF_8));
            return issuers.contains(payload.at("iss").text("")) ? payload : Json.MISSING;
        } catch (IllegalArgumentException | MeshException e) {
            return Json.MISSING;
        }
    }
}
