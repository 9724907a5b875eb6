package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every check against its fixtures: {@code checks/CODE/bad*.yaml} says beside the offending lines what must come out (where
 * a field is missing: beside the nearest line that is there), {@code good*.yaml} must stay silent.
 */
class ChecksTest {
    private static final Path FIXTURES = Path.of("src/test/resources/checks");
    private static final Pattern JUDGED = Pattern.compile("^# judged at (\\S+)");
    private static final Pattern EXPECTATION = Pattern.compile("# expect (\\S+) (.+)$");

    static Stream<Path> fixtures() throws IOException {
        try (Stream<Path> files = Files.walk(FIXTURES)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    static Stream<FindingCode> codes() {
        return Checks.codes().stream();
    }

    static Stream<ConfigurationCheck> checks() {
        return Checks.all().stream();
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void should_report_what_the_fixture_expects(Path fixture) throws IOException {
        String code = String.valueOf(fixture.getName(fixture.getNameCount() - 2));
        List<String> expected = new ArrayList<>();
        int line = 0;
        for (String text : Files.readAllLines(fixture)) {
            line++;
            Matcher expectation = EXPECTATION.matcher(text);
            if (expectation.find()) {
                expected.add(expectation.group(1) + " " + expectation.group(2) + " line " + line);
            }
        }

        Analysis analysis = analyze(fixture, AnalysisOptions.DEFAULT.only(code));

        assertThat(analysis.inconclusive()).isEmpty();
        assertThat(analysis.findings().stream()
                        .map(finding -> finding.code() + " " + finding.subject() + " line "
                                + finding.location().orElseThrow().line())
                        .toList())
                .as(() -> analysis.findings().toString())
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(expected.isEmpty())
                .isEqualTo(String.valueOf(fixture.getFileName()).startsWith("good"));
        for (Finding finding : analysis.findings()) {
            assertThat(finding.message()).matches("(?s)\\S.*[.?]").doesNotContain("null", "MISSING");
            assertThat(finding.evidence()).isNotEmpty().allSatisfy(evidence -> {
                assertThat(evidence.what()).isNotEmpty();
                assertThat(evidence.value()).isNotEmpty();
            });
            assertThat(finding.remedy()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("codes")
    void should_have_page_and_fixtures_for_each_code(FindingCode code) throws IOException {
        Path page = Path.of("..", code.documentation());

        assertThat(page).exists();
        assertThat(Files.readString(page))
                .startsWith("# " + code.code() + " " + code.name() + ": ")
                .contains("## What it means", "## How it shows", "## What to do", "## Limits");
        try (Stream<Path> files = Files.list(FIXTURES.resolve(code.code()))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName()).split("[-.]")[0]))
                    .contains("bad", "good");
        }
    }

    @ParameterizedTest
    @MethodSource("checks")
    void should_read_exactly_the_kinds_that_it_declares(ConfigurationCheck check) throws IOException {
        Set<ResourceKind> read = new HashSet<>();
        for (Path fixture : fixtures().toList()) {
            Configuration configuration = new ConfigurationLoader(
                            Shared.session(ManifestSource.open(List.of(fixture))), Scope.MESH, LoadOptions.DEFAULT)
                    .load(check.inputs());
            check.run(configuration.observed(read::add), finding -> {});
        }

        assertThat(read).isEqualTo(check.inputs());
        assertThat(check.getClass().getSimpleName()).endsWith("Check");
    }

    /** Whatever stands in a field: a check may report it or not, but never fails. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void should_survive_every_value_in_every_place(Path fixture) {
        List<Resource> resources = new ArrayList<>();
        ManifestSource source = ManifestSource.open(List.of(fixture));
        for (ResourceKind kind : ResourceKind.known()) {
            resources.addAll(source.list(ListQuery.all(kind), Deadline.after(Duration.ofMinutes(1))));
        }
        int tried = 0;
        for (Resource resource : resources) {
            List<Json> variants = new ArrayList<>();
            for (String top : List.of("spec", "metadata", "data")) {
                Json value = resource.raw().at(top);
                if (value.exists()) {
                    mutate(value, changed -> variants.add(with(resource.raw(), top, changed)));
                }
            }
            for (Json variant : variants) {
                Configuration.Builder builder = Configuration.builder();
                for (ResourceKind kind : ResourceKind.known()) {
                    builder.resources(
                            kind,
                            resources.stream()
                                    .filter(other -> other.kind().equals(kind))
                                    .map(other -> other == resource ? Resource.of(kind, variant) : other)
                                    .toList());
                }
                Configuration configuration = builder.build();
                Checks.all().stream()
                        .filter(check -> check.inputs().contains(resource.kind()))
                        .forEach(check -> check.run(configuration, finding -> {}));
                tried++;
            }
        }
        assertThat(tried).isPositive();
    }

    private static void mutate(Json value, Consumer<Json> variants) {
        for (Object other : Arrays.asList(
                null, 1, "x", "", "*", List.of(), Map.of(), Arrays.asList((Object) null), Map.of("", 1))) {
            variants.accept(Json.of(other));
        }
        for (String name : value.names()) {
            mutate(value.at(name), changed -> variants.accept(with(value, name, changed)));
        }
        List<Json> items = value.items();
        for (int i = 0; i < items.size(); i++) {
            int index = i;
            mutate(items.get(i), changed -> {
                List<Object> copy = new ArrayList<>(items);
                copy.set(index, changed);
                variants.accept(Json.array(copy));
            });
        }
    }

    private static Json with(Json object, String name, Json value) {
        List<Object> pairs = new ArrayList<>();
        object.forEachField((field, old) -> {
            pairs.add(field);
            pairs.add(field.equals(name) ? value : old);
        });
        return Json.object(pairs.toArray());
    }

    @Test
    void should_never_quote_keys() {
        Analysis analysis = AnalysisRunner.analyze(
                Shared.session(ManifestSource.of("keys", """
                        apiVersion: security.istio.io/v1
                        kind: RequestAuthentication
                        metadata: {name: a, namespace: b}
                        spec: {jwtRules: [{jwks: "{\"keys\":[{\"d\":\"hunter2\"}]}"}, {jwks: {keys: hunter2}}]}
                        ---
                        apiVersion: security.istio.io/v1
                        kind: RequestAuthentication
                        metadata: {name: c, namespace: b}
                        spec: {jwtRules: [{jwks: hunter2}]}
                        """)), Scope.MESH, AnalysisOptions.DEFAULT);

        assertThat(analysis.withCode("IST0106")).hasSizeGreaterThan(1);
        assertThat(analysis.findings())
                .allSatisfy(finding ->
                        assertThat(finding + " " + finding.evidence()).doesNotContain("hunter2"));
    }

    @Test
    void should_give_a_code_one_meaning() {
        assertThat(Checks.codes().stream().map(FindingCode::code)).doesNotHaveDuplicates();
    }

    /** What other clusters hold stands beside the fixtures: {@code clusters/CODE/FIXTURE/CLUSTER.yaml}. A fixture may say at what time it is judged. */
    static Analysis analyze(Path fixture, AnalysisOptions options) throws IOException {
        Map<String, Session> clusters = new TreeMap<>();
        Path others = Path.of(
                        "src/test/resources/clusters", String.valueOf(fixture.getName(fixture.getNameCount() - 2)))
                .resolve(String.valueOf(fixture.getFileName()).replace(".yaml", ""));
        if (Files.isDirectory(others)) {
            try (Stream<Path> files = Files.list(others)) {
                files.forEach(file -> clusters.put(
                        String.valueOf(file.getFileName()).replace(".yaml", ""),
                        Shared.session(ManifestSource.open(List.of(file)))));
            }
        }
        Matcher judged = JUDGED.matcher(Files.readString(fixture));
        ManifestSource source = ManifestSource.open(List.of(fixture));
        return AnalysisRunner.analyze(
                judged.find() ? Shared.session(source, Instant.parse(judged.group(1))) : Shared.session(source),
                clusters,
                Scope.MESH,
                options,
                finding -> {});
    }
}
