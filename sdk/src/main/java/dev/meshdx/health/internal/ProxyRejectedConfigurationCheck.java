package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** MDX0105: a proxy has refused configuration (NACK), with the reason that it gave. */
final class ProxyRejectedConfigurationCheck implements Check<HealthModel> {
    private static final Pattern QUOTED = Pattern.compile("(?<![A-Za-z])'([^'\\n]{4,200})'");
    private static final int MAX_TEXT = 400;

    /** What Envoy's words usually come from. Keys are looked for in lower case, in this order. */
    private static final Map<String, String> CAUSES = causes();

    private static Map<String, String> causes() {
        Map<String, String> causes = new LinkedHashMap<>();
        causes.put(
                "find a registered implementation",
                "The configuration names a filter or an extension that this Envoy does not have: usually an EnvoyFilter, a"
                        + " WasmPlugin, or a proxy that is older than its configuration.");
        causes.put(
                "only unique values for domains",
                "Two virtual hosts of a route claim the same domain: usually two VirtualServices, or an EnvoyFilter that adds"
                        + " one.");
        causes.put(
                "matching rules",
                "Two filter chains of a listener match the same connections: usually two Gateway servers, or an EnvoyFilter"
                        + " that adds one.");
        causes.put(
                "proto constraint validation failed",
                "A field has a value that Envoy does not allow: usually an EnvoyFilter, or a duration or regular expression in"
                        + " a VirtualService.");
        causes.put("regex", "A regular expression is not valid for RE2: look at the matches of the VirtualServices.");
        causes.put("certificate", "A TLS certificate or key cannot be used: look at the gateway's secret.");
        causes.put("private key", "A TLS key cannot be used: look at the gateway's secret.");
        causes.put("address already in use", "Another process of the pod listens on the same port.");
        causes.put(
                "cannot bind", "Another process of the pod listens on the same port, or the port is a privileged one.");
        return causes;
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_REJECTED_CONFIGURATION);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (ProxyStatus proxy : model.proxiesInScope()) {
            if (!proxy.has(SyncState.ERROR)) {
                continue;
            }
            proxy.types().forEach((type, status) -> {
                if (status.state() == SyncState.ERROR) {
                    report.accept(finding(
                            model, proxy, type.toString(), status.error().orElse("")));
                }
            });
        }
    }

    private static Finding finding(HealthModel model, ProxyStatus proxy, String type, String error) {
        List<Resource> suspects = suspects(model, proxy);
        List<Resource> named = naming(suspects, error);
        Optional<String> cause = CAUSES.entrySet().stream()
                .filter(known -> error.toLowerCase(Locale.ROOT).contains(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
        Finding.Builder finding = Finding.of(HealthCodes.PROXY_REJECTED_CONFIGURATION, proxy.podRef())
                .message("The proxy of " + proxy.pod() + " refuses the " + type + " that " + proxy.istiod()
                        + " sends, and keeps what it had: "
                        + first(error) + ". "
                        + (named.isEmpty()
                                ? cause.orElse(
                                        "Something that was applied lately makes configuration that Envoy does not take.")
                                : "It comes from " + names(named) + ".")
                        + " Until it is mended no change of this type reaches the proxy.")
                .evidence("lastError of " + type, "/debug/syncz of " + proxy.istiod(), cut(error));
        for (Resource filter : named) {
            finding.evidence("names what Envoy refuses", filter.ref().toString(), String.join(", ", quoted(error)));
        }
        if (named.isEmpty() && !suspects.isEmpty()) {
            finding.evidence("EnvoyFilters that apply to the proxy", "", names(suspects));
        }
        Resource suspect = named.isEmpty() ? (suspects.isEmpty() ? null : suspects.get(0)) : named.get(0);
        return finding.remedy((suspect == null
                                ? "Undo the last change, or see what is refused: "
                                : "Mend or delete " + suspect.ref() + " (kubectl -n " + suspect.namespace()
                                        + " get envoyfilter " + suspect.name() + " -o yaml); see what is refused: ")
                        + "kubectl -n " + proxy.namespace() + " logs " + proxy.pod()
                        + " -c istio-proxy | grep rejected")
                .build();
    }

    private static String names(List<Resource> filters) {
        return filters.stream().map(filter -> filter.ref().toString()).collect(Collectors.joining(", "));
    }

    private static String first(String error) {
        return cut(error.lines().findFirst().orElse("no reason given"));
    }

    private static String cut(String text) {
        String trimmed = text.strip();
        return trimmed.length() > MAX_TEXT ? trimmed.substring(0, MAX_TEXT) + "…" : trimmed;
    }

    /** EnvoyFilters that apply to the proxy. Source: Istio, "EnvoyFilter" (root namespace, namespace, workloadSelector). */
    private static List<Resource> suspects(HealthModel model, ProxyStatus proxy) {
        Map<String, String> labels = model.pods.stream()
                .filter(pod -> pod.ref().equals(proxy.podRef()))
                .findFirst()
                .map(Resource::labels)
                .orElse(Map.of());
        return model.envoyFilters.stream()
                .filter(filter -> filter.namespace().equals(proxy.namespace())
                        || filter.namespace().equals(model.istioNamespace))
                .filter(filter -> Selectors.matchesMap(
                        filter.spec().at("workloadSelector", "labels").textMap(), labels))
                .toList();
    }

    /** Those that hold a word that Envoy quotes. */
    private static List<Resource> naming(List<Resource> suspects, String error) {
        List<String> words = quoted(error);
        return suspects.stream()
                .filter(filter -> {
                    String spec = filter.spec().toString();
                    return words.stream()
                            .anyMatch(word -> spec.contains("\"" + word + "\"") || spec.contains("/" + word + "\""));
                })
                .toList();
    }

    private static List<String> quoted(String error) {
        List<String> words = new ArrayList<>();
        Matcher matcher = QUOTED.matcher(error);
        while (matcher.find() && words.size() < 20) {
            if (!words.contains(matcher.group(1))) {
                words.add(matcher.group(1));
            }
        }
        return words;
    }
}
