package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.CONFIG_MAP;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.PROXY_CONFIG;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.model.internal.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Pods whose proxy is not the one that injection would give them now: they were not restarted since the control plane was
 * upgraded. Source: istio/istio, {@code injection/injection_image.go}.
 */
public final class ProxyImageCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0158",
            "PodsIstioProxyImageMismatchInNamespace",
            Severity.WARNING,
            "Pods run another proxy image than injection would give them now.");

    private static final String INJECTOR = "istio-sidecar-injector";

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(NAMESPACE, POD, CONFIG_MAP, PROXY_CONFIG);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, String> images = new LinkedHashMap<>();
        for (Resource map : configuration.all(CONFIG_MAP)) {
            if (map.name().startsWith(INJECTOR)) {
                image(map).ifPresent(image -> images.put(map.name(), image));
            }
        }
        for (Resource namespace : configuration.all(NAMESPACE)) {
            Optional<String> revision = namespace
                    .label("istio.io/rev")
                    .or(() -> namespace
                            .label("istio-injection")
                            .filter("enabled"::equals)
                            .map(enabled -> "default"));
            String map = revision.map(ProxyImageCheck::injector).orElse("");
            String image = images.get(map);
            if (image != null) {
                check(configuration, namespace, map, image, report);
            }
        }
    }

    private static String injector(String revision) {
        return revision.isEmpty() || revision.equals("default") ? INJECTOR : INJECTOR + "-" + revision;
    }

    /** The image that an injector gives. */
    private static Optional<String> image(Resource map) {
        try {
            Json global = map.raw()
                    .at("data", "values")
                    .text()
                    .map(Json::parse)
                    .orElse(Json.MISSING)
                    .at("global");
            if (!global.exists()) {
                return Optional.empty();
            }
            String image = global.at("proxy", "image").text("");
            return Optional.of(
                    image.contains("/")
                            ? image
                            : global.at("hub").text("") + "/" + image + ":"
                                    + global.at("tag").text(""));
        } catch (MeshProtocolException e) {
            return Optional.empty();
        }
    }

    private static void check(
            Configuration configuration, Resource namespace, String map, String image, Consumer<Finding> report) {
        Map<String, String> mismatched = new TreeMap<>();
        Map<String, Resource> pods = new TreeMap<>();
        for (Resource pod : configuration.in(POD, namespace.name())) {
            if (!pod.annotation("sidecar.istio.io/proxyImage").orElse("").isEmpty()) {
                continue;
            }
            String variant = variant(configuration, pod);
            Stream.of("containers", "initContainers")
                    .flatMap(list -> pod.spec().at(list).items().stream())
                    .filter(container -> container.at("name").text("").equals("istio-proxy"))
                    .map(container -> container.at("image").text(""))
                    .filter(found -> !found.equals(image) && !found.equals(image + "-" + variant))
                    .findFirst()
                    .ifPresent(found -> {
                        mismatched.put(pod.name(), found);
                        pods.put(pod.name(), pod);
                    });
        }
        if (mismatched.isEmpty()) {
            return;
        }
        Finding.Builder finding = Finding.of(CODE, namespace)
                .message(mismatched.size() + (mismatched.size() == 1 ? " pod runs" : " pods run")
                        + " another proxy image than " + image + ", which injection would give now: "
                        + some(new ArrayList<>(mismatched.keySet())) + ".");
        mismatched.entrySet().stream()
                .limit(5)
                .forEach(pod -> finding.evidence(
                        "image of istio-proxy",
                        String.valueOf(pods.get(pod.getKey())),
                        pod.getValue().isEmpty() ? "absent" : pod.getValue()));
        report.accept(finding.evidence("data.values, global.proxy.image", "ConfigMap " + map, image)
                .remedy("Restart what the pods belong to, so that they are injected anew: kubectl -n "
                        + namespace.name() + " rollout restart deployment")
                .build());
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(10, names.size())))
                + (names.size() > 10 ? " and " + (names.size() - 10) + " more" : "");
    }

    /** The last one that says something: mesh, root namespace, namespace, workload, pod. */
    private static String variant(Configuration configuration, Resource pod) {
        List<Json> configs = new ArrayList<>();
        configs.add(configuration.mesh().raw().at("defaultConfig"));
        configuration
                .in(PROXY_CONFIG, configuration.mesh().rootNamespace())
                .forEach(config -> configs.add(config.spec()));
        List<Resource> own = configuration.in(PROXY_CONFIG, configuration.namespaceOf(pod));
        own.stream()
                .filter(config -> !config.spec().at("selector").exists())
                .forEach(config -> configs.add(config.spec()));
        own.stream()
                .filter(config -> config.spec().at("selector").exists()
                        && Selectors.matchesMap(
                                config.spec().at("selector", "matchLabels").textMap(), pod.labels()))
                .forEach(config -> configs.add(config.spec()));
        pod.annotation("proxy.istio.io/config").ifPresent(text -> configs.add(yaml(text)));
        String variant = "";
        for (Json config : configs) {
            String type = config.at("image", "imageType").text("");
            variant = type.isEmpty() ? variant : type;
        }
        return variant.equals("default") ? "" : variant;
    }

    private static Json yaml(String text) {
        try {
            return Yaml.read(text);
        } catch (MeshProtocolException e) {
            return Json.MISSING;
        }
    }
}
