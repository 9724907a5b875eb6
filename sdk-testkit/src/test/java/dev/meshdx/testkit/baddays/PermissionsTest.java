package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.RecordedRequest;
import dev.meshdx.testkit.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A diagnosis by somebody who may not do everything: each permission that it uses is missing once. */
@ExtendWith(NothingLeft.class)
class PermissionsTest {
    private static final String RULE = "Allow it with the rule {apiGroups: [";

    private static Diagnosis diagnose(FakeMesh fake) {
        try (Mesh mesh = Mesh.connect(
                fake.options().toBuilder().deadline(Duration.ofSeconds(10)).build())) {
            return mesh.diagnose();
        }
    }

    /** Code and subject. */
    private static Set<String> findings(Diagnosis diagnosis) {
        return diagnosis.findings().stream()
                .map(finding -> finding.code() + " " + finding.subject())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the requests needed, as RBAC rules name it. */
    private static Set<String> used(FakeMesh fake) {
        return fake.requests().stream()
                .filter(request -> !request.resource().isEmpty())
                .map(PermissionsTest::qualified)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String qualified(RecordedRequest request) {
        return request.group().isEmpty() ? request.resource() : request.resource() + "." + request.group();
    }

    @ParameterizedTest
    @EnumSource(names = {"HEALTHY", "MISSING_SUBSET", "MTLS_CONFLICT"})
    void should_stand_without_any_one_permission(Scenario scenario) {
        try (FakeMesh fake = FakeMesh.start(scenario)) {
            Set<String> whole = findings(diagnose(fake));
            Set<String> used = used(fake);
            assertThat(used).hasSizeGreaterThan(15).contains("pods", "pods/log", "pods/portforward");
            List<String> problems = new ArrayList<>();
            for (String resource : used) {
                problems.addAll(without("*", resource, fake, whole));
                if (scenario == Scenario.HEALTHY && !resource.contains("/")) {
                    // Whoever may get, but not list.
                    problems.addAll(without("list", resource, fake, whole));
                }
            }
            assertThat(String.join("\n", problems)).isEmpty();
        }
    }

    private static List<String> without(String verb, String resource, FakeMesh fake, Set<String> whole) {
        List<String> problems = new ArrayList<>();
        fake.clearRules().deny(verb, resource).forgetRequests();
        Diagnosis diagnosis = diagnose(fake);
        boolean asked = fake.requests().stream().anyMatch(request -> request.status() == 403);
        Set<String> surplus = findings(diagnosis);
        surplus.removeAll(whole);
        if (!surplus.isEmpty()) {
            problems.add("without " + resource + " there is suddenly " + surplus);
        }
        List<Inconclusive> forbidden = diagnosis.inconclusive().stream()
                .filter(gap -> gap.reason() == Reason.FORBIDDEN)
                .toList();
        if (asked && forbidden.isEmpty()) {
            problems.add("nothing tells that " + resource + " may not be read");
        }
        String plain = resource.contains(".") ? resource.substring(0, resource.indexOf('.')) : resource;
        for (Inconclusive gap : forbidden) {
            if (!gap.remedy().contains(RULE) || !gap.remedy().contains("resources: [" + plain + "]")) {
                problems.add("without " + resource + ": " + gap + " -> " + gap.remedy());
            }
        }
        if (whole.isEmpty() && !diagnosis.verdict().startsWith("Nothing is wrong")) {
            problems.add("without " + resource + ": " + diagnosis.verdict());
        }
        if (asked && diagnosis.verdict().matches("Nothing is wrong with [^,]*\\.")) {
            problems.add("without " + resource + " the verdict is as sure as with it: " + diagnosis.verdict());
        }
        return problems;
    }

    @ParameterizedTest
    @EnumSource(names = {"HEALTHY", "MISSING_SUBSET", "MTLS_CONFLICT", "PATH_CASE"})
    void should_stand_with_the_rights_of_one_namespace(Scenario scenario) {
        try (FakeMesh fake = FakeMesh.start(scenario)) {
            Set<String> whole = findings(diagnose(fake));
            fake.addUser("dev").denyAll("dev").allow("dev", "*", "*", scenario.namespace());
            try (Mesh mesh = Mesh.connect(fake.options("dev"))) {
                for (Diagnosis diagnosis : List.of(
                        mesh.namespace(scenario.namespace()).diagnose(),
                        mesh.namespace(scenario.namespace()).pod(scenario.pod()).diagnose())) {
                    Set<String> surplus = findings(diagnosis);
                    surplus.removeAll(whole);
                    assertThat(surplus).as(diagnosis.verdict()).isEmpty();
                    assertThat(diagnosis.findings()).extracting(Finding::code).containsAll(seen(scenario));
                    assertThat(diagnosis.inconclusive())
                            .filteredOn(gap -> gap.reason() == Reason.FORBIDDEN)
                            .isNotEmpty()
                            .allSatisfy(gap -> assertThat(gap.remedy()).contains("rule {"));
                }
            }
        }
    }

    /** What the rights of the client's namespace are enough for: not to see the policy of another one. */
    private static List<String> seen(Scenario scenario) {
        return switch (scenario) {
            case MISSING_SUBSET -> List.of("MDX0302");
            case PATH_CASE -> List.of("MDX0301");
            default -> List.of();
        };
    }
}
