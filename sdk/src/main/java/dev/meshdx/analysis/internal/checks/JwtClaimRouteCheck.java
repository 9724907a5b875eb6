package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Routes that depend on a claim of a JWT, at gateways where nothing validates JWTs: the claim is never there. Source:
 * istio/istio, {@code virtualservice/jwtclaimroute.go}; Istio, "JWT claim based routing".
 */
public final class JwtClaimRouteCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0149",
            "JwtClaimBasedRoutingWithoutRequestAuthN",
            Severity.ERROR,
            "A route depends on a JWT claim, but nothing validates JWTs at the gateway.");

    private static final Pattern CLAIM =
            Pattern.compile("@request\\.auth\\.claims(\\..+|\\[.+])", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, REQUEST_AUTHENTICATION, GATEWAY, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            claim(virtualService).ifPresent(claim -> check(configuration, virtualService, claim, report));
        }
    }

    /** A header that is looked at: its name, and the field it stands in. */
    private record Claim(String key, Field field) {}

    private static Optional<Claim> claim(Resource virtualService) {
        for (Field route : Field.spec(virtualService).at("http").items()) {
            for (Field match : route.at("match").items()) {
                for (String headers : List.of("headers", "withoutHeaders")) {
                    for (String key : match.at(headers).value().names()) {
                        if (CLAIM.matcher(key).matches()) {
                            return Optional.of(new Claim(key, match.at(headers, key)));
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static void check(
            Configuration configuration, Resource virtualService, Claim claim, Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(virtualService);
        for (Field reference : Field.spec(virtualService).at("gateways").items()) {
            Optional<Resource> gateway = reference.text().equals("mesh")
                    ? Optional.empty()
                    : configuration.resolve(GATEWAY, namespace, reference.text());
            if (gateway.isEmpty()) {
                continue;
            }
            for (Resource pod : configuration.matching(
                    POD, gateway.get().spec().at("selector").textMap(), "")) {
                if (!isValidated(configuration, pod)) {
                    String where = configuration.namespaceOf(pod);
                    report.accept(Finding.of(CODE, virtualService)
                            .message("A route depends on " + claim.key()
                                    + ", but no RequestAuthentication applies to pod "
                                    + pod.name() + " of Gateway " + configuration.qualifiedName(gateway.get())
                                    + ": the claim is never there, so the match never holds.")
                            .evidence(
                                    claim.field().path(),
                                    virtualService.toString(),
                                    claim.field().quoted())
                            .evidence(
                                    "metadata.labels",
                                    pod.toString(),
                                    Configuration.text(pod.labels()) + " (no RequestAuthentication selects them)")
                            .remedy("Create a RequestAuthentication in namespace " + where
                                    + " whose selector matches the pod and whose jwtRules name the issuer; compare:"
                                    + " kubectl -n " + where
                                    + " get requestauthentications.security.istio.io -o yaml")
                            .build());
                }
            }
        }
    }

    /** Policies of the pod's namespace, and of the one for the whole mesh. */
    private static boolean isValidated(Configuration configuration, Resource pod) {
        Set<String> namespaces =
                new LinkedHashSet<>(List.of(configuration.mesh().rootNamespace(), configuration.namespaceOf(pod)));
        boolean unknown =
                namespaces.stream().anyMatch(namespace -> !configuration.complete(REQUEST_AUTHENTICATION, namespace));
        return namespaces.stream()
                        .flatMap(namespace -> configuration.in(REQUEST_AUTHENTICATION, namespace).stream())
                        .anyMatch(policy -> Selectors.matchesMap(
                                policy.spec().at("selector", "matchLabels").textMap(), pod.labels()))
                || unknown;
    }
}
