package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Json;
import dev.meshdx.model.Scope;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares with what upstream's analyzers say to the same files, for the codes that exist here. */
class ConformanceTest {
    private static final Set<String> CODES =
            Checks.codes().stream().map(FindingCode::code).collect(Collectors.toSet());

    /** The content of these kinds is judged; that of others is not yet. */
    private static final Set<String> KINDS = Set.of(
            "AuthorizationPolicy",
            "DestinationRule",
            "EnvoyFilter",
            "Gateway",
            "PeerAuthentication",
            "ProxyConfig",
            "RequestAuthentication",
            "ServiceEntry",
            "Sidecar",
            "Telemetry",
            "VirtualService",
            "WasmPlugin",
            "WorkloadEntry",
            "WorkloadGroup");

    private static boolean isJudged(String code, String resource) {
        return CODES.contains(code)
                && (!Set.of("IST0106", "IST0133").contains(code)
                        || KINDS.contains(resource.substring(0, resource.indexOf(' '))));
    }

    @Test
    void should_report_what_upstream_reports() throws IOException {
        Path folder = Shared.folder("conformance/analyze");
        Json cases = Json.parse(Files.readString(folder.resolve("cases.json"))).at("cases");
        Json expectations = Json.parse(Files.readString(folder.resolve("all-analyzers.json")))
                .at("cases");
        List<String> differences = new ArrayList<>();
        int compared = 0;
        int equal = 0;
        for (Json one : cases.items()) {
            String id = one.at("id").text("");
            Json messages = expectations.at(id);
            if (!messages.exists()) {
                continue;
            }
            List<String> expected = new ArrayList<>();
            for (Json message : messages.items()) {
                if (isJudged(message.at("code").text(""), message.at("resource").text(""))) {
                    expected.add(message.at("code").text("") + " "
                            + message.at("severity").text("") + " "
                            + message.at("resource").text(""));
                }
            }
            List<String> found = analyze(folder.resolve("input"), one).findings().stream()
                    .filter(finding -> finding.code().startsWith("IST"))
                    .map(finding -> finding.code() + " " + finding.severity() + " " + finding.subject())
                    .toList();
            compared++;
            List<String> missing = new ArrayList<>(expected);
            found.forEach(missing::remove);
            List<String> extra = new ArrayList<>(found);
            expected.forEach(extra::remove);
            if (missing.isEmpty() && extra.isEmpty()) {
                equal++;
            } else {
                differences.add(id + ": missing " + new TreeSet<>(missing) + " " + missing.size() + ", extra "
                        + new TreeSet<>(extra) + " " + extra.size());
            }
        }
        System.out.println(
                "conformance: " + equal + " of " + compared + " cases for the codes " + new TreeSet<>(CODES));
        differences.forEach(System.out::println);
        assertThat(differences).isEmpty();
    }

    @Test
    void should_accept_and_refuse_what_upstream_does() throws IOException {
        Path folder = Shared.folder("conformance/analyze");
        Json cases = Json.parse(Files.readString(folder.resolve("cases.json"))).at("validationCases");
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (Json one : cases.items()) {
            String expected = one.at("expected").text("");
            if (expected.isEmpty() || !KINDS.contains(one.at("kind").text(""))) {
                continue;
            }
            compared++;
            String text = Files.readString(
                    folder.resolve("input").resolve(one.at("file").text("")));
            String document = documents(text).get((int) one.at("document").number(0));
            Analysis analysis = AnalysisRunner.analyze(
                    Shared.session(ManifestSource.of("case", document)),
                    Scope.MESH,
                    AnalysisOptions.DEFAULT.only("IST0106"));
            String found = analysis.findings().isEmpty() ? "valid" : "invalid";
            if (!found.equals(expected)) {
                differences.add(one.at("id").text("") + ": " + expected + " expected (" + one.at("schemaError")
                        + "), but " + analysis + " " + analysis.inconclusive());
            }
        }
        System.out.println("validation: " + (compared - differences.size()) + " of " + compared);
        differences.forEach(System.out::println);
        assertThat(differences).isEmpty();
    }

    private static List<String> documents(String text) {
        List<String> documents = new ArrayList<>();
        for (String part : text.split("(?m)^---.*$")) {
            if (!part.isBlank()) {
                documents.add(part);
            }
        }
        return documents;
    }

    static Analysis analyze(Path input, Json one) throws IOException {
        List<Path> files = new ArrayList<>();
        one.at("inputFiles").texts().forEach(file -> files.add(input.resolve(file)));
        AnalysisOptions options = AnalysisOptions.DEFAULT;
        String mesh = one.at("meshConfigFile").text("");
        if (!mesh.isEmpty()) {
            options = options.meshConfig(Files.readString(input.resolve(mesh)));
        }
        String networks = one.at("meshNetworksFile").text("");
        if (!networks.isEmpty()) {
            options = options.meshNetworks(Files.readString(input.resolve(networks)));
        }
        return AnalysisRunner.analyze(Shared.session(ManifestSource.open(files)), Scope.MESH, options);
    }
}
