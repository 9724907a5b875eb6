package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.CUSTOM_RESOURCE_DEFINITION;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Kinds of the Gateway API that are installed in a version which this Istio does not read any more. Source: istio/istio,
 * {@code k8sgateway/crd_version.go}; the annotation is that of the Gateway API's bundles.
 */
public final class GatewayApiVersionCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0176",
            "GatewayAPICRDVersionBelowMinimum",
            Severity.WARNING,
            "A kind of the Gateway API is too old for Istio, so its resources are ignored.");

    private static final String BUNDLE = "gateway.networking.k8s.io/bundle-version";

    private static final Map<String, String> MINIMUM = Map.of(
            "grpcroutes.gateway.networking.k8s.io", "1.1.0",
            "backendtlspolicies.gateway.networking.k8s.io", "1.4.0",
            "tlsroutes.gateway.networking.k8s.io", "1.5.0",
            "tcproutes.gateway.networking.k8s.io", "1.6.0");

    private static final Pattern VERSION =
            Pattern.compile("v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(CUSTOM_RESOURCE_DEFINITION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource definition : configuration.all(CUSTOM_RESOURCE_DEFINITION)) {
            Optional<List<BigInteger>> installed = tooOld(definition);
            if (installed.isEmpty()) {
                continue;
            }
            String minimum = MINIMUM.getOrDefault(definition.name(), "");
            report.accept(Finding.of(CODE, definition)
                    .message(definition.name() + " is installed in version " + text(installed.get())
                            + " of the Gateway API; Istio needs " + minimum
                            + " or newer, and ignores resources of this kind.")
                    .evidence(
                            "metadata.annotations." + BUNDLE,
                            definition.toString(),
                            definition.annotation(BUNDLE).orElse(""))
                    .remedy("Install a newer bundle of the Gateway API: kubectl apply --server-side -f"
                            + " https://github.com/kubernetes-sigs/gateway-api/releases/download/v" + minimum
                            + "/experimental-install.yaml")
                    .build());
        }
    }

    /** The version of the bundle where it is below the minimum. */
    static Optional<List<BigInteger>> tooOld(Resource definition) {
        Optional<List<BigInteger>> wanted = version(MINIMUM.getOrDefault(definition.name(), ""));
        return definition
                .annotation(BUNDLE)
                .flatMap(GatewayApiVersionCheck::version)
                .filter(installed -> wanted.isPresent()
                        && Arrays.compare(
                                        installed.toArray(BigInteger[]::new),
                                        wanted.get().toArray(BigInteger[]::new))
                                < 0);
    }

    /** Major, minor, patch; what is not there counts as 0, and a suffix for a preview as the release. */
    private static Optional<List<BigInteger>> version(String text) {
        Matcher matcher = VERSION.matcher(text);
        return matcher.matches()
                ? Optional.of(List.of(part(matcher.group(1)), part(matcher.group(2)), part(matcher.group(3))))
                : Optional.empty();
    }

    private static BigInteger part(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? BigInteger.ZERO : new BigInteger(digits);
    }

    private static String text(List<BigInteger> version) {
        return version.stream().map(BigInteger::toString).collect(Collectors.joining("."));
    }
}
