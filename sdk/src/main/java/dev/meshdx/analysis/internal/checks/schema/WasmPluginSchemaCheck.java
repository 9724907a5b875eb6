package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Urls;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a WasmPlugin must look like. Source: istio/istio, {@code validation.go}, {@code ValidateWasmPlugin}. */
public final class WasmPluginSchemaCheck extends SchemaCheck {
    public WasmPluginSchemaCheck() {
        super(ResourceKind.WASM_PLUGIN, "WasmPlugin");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkAttachment(spec, problems);
        checkModule(spec, problems);
        checkMatches(spec.at("match"), problems);
    }

    /** The module itself, which a TrafficExtension may have too. */
    static void checkModule(Field spec, Problems problems) {
        checkUrl(spec.at("url"), problems);
        Field sha = spec.at("sha256");
        problems.require(
                sha.text().matches("([0-9a-f]{64})?"),
                sha,
                "the sha256 \"" + sha.text() + "\" must be 64 characters 0-9 and a-f");
        checkLength(spec.at("imagePullSecret"), 253, problems);
        checkLength(spec.at("pluginName"), 256, problems);
        checkEnvironment(spec.at("vmConfig", "env"), problems);
    }

    private static void checkUrl(Field url, Problems problems) {
        String text = url.text();
        if (text.isEmpty()) {
            problems.error(url, "a WebAssembly module must have a url");
            return;
        }
        Optional<Urls.Url> parsed = Urls.parse(text);
        problems.require(parsed.isPresent(), url, "\"" + text + "\" is not a URL");
        String scheme = parsed.map(Urls.Url::scheme).orElse("");
        problems.require(
                Set.of("", "file", "http", "https", "oci").contains(scheme),
                url,
                "the url's scheme must be oci, http, https or file, not " + scheme);
    }

    private static void checkLength(Field field, int most, Problems problems) {
        problems.require(
                field.text().length() <= most,
                field,
                field.name() + " must not be longer than " + most + " characters");
    }

    /** The first problem only, as upstream does. */
    private static void checkEnvironment(Field environment, Problems problems) {
        Set<String> names = new HashSet<>();
        for (Field variable : environment.items()) {
            String name = variable.at("name").text();
            boolean fromHost =
                    List.of("HOST", "1").contains(variable.at("valueFrom").text());
            String problem = variable.value().isNull() || name.isEmpty()
                    ? "an environment variable must have a name"
                    : name.length() > 256
                            ? "the name of an environment variable must not be longer than 256 characters"
                            : !names.add(name)
                                    ? "the environment variable \"" + name + "\" is given twice"
                                    : fromHost && !variable.at("value").text().isEmpty()
                                            ? "the environment variable \"" + name
                                                    + "\" comes from the host, so it must not have a value"
                                            : "";
            if (!problem.isEmpty()) {
                problems.error(variable.at("name"), problem);
                return;
            }
        }
    }

    /** The first problem only, as upstream does. */
    static void checkMatches(Field matches, Problems problems) {
        for (Field match : matches.items()) {
            if (match.value().isNull()) {
                problems.error(match, "a match must not be null");
                return;
            }
            for (Field port : match.at("ports").items()) {
                long number = port.at("number").value().number(0);
                if (!Values.isPort(number)) {
                    problems.error(port.at("number"), "port number " + number + " must be between 1 and 65535");
                    return;
                }
            }
        }
    }
}
