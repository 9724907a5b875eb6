package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testing.Shared;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call a workload, on the command line. */
class AuthzCommandTest {
    private static final String DENY = """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: no-admin, namespace: production}
            spec:
              selector: {matchLabels: {app: reviews}}
              action: DENY
              rules: [{to: [{operation: {paths: ["/admin*"]}}]}]
            """;

    @TempDir
    private Path folder;

    private static String reviews(FakeMesh mesh) {
        return mesh.objects(ResourceKind.POD).stream()
                .filter(pod -> pod.label("app").orElse("").equals("reviews"))
                .map(Resource::name)
                .findFirst()
                .orElseThrow();
    }

    private String kubeconfig(FakeMesh mesh) {
        return mesh.writeKubeconfig(folder.resolve("kubeconfig")).toString();
    }

    private static Json one(Run run) {
        Json decisions = run.json().at("result", "decisions");
        assertThat(decisions.size()).isEqualTo(1);
        return decisions.at(0);
    }

    /** All that a real Envoy decided: the decision, the policy and the dry runs. */
    @Test
    void should_decide_as_envoy_did() throws IOException {
        Path corpus = Shared.folder("conformance/rbac");
        List<Path> files;
        try (Stream<Path> list = Files.list(corpus)) {
            files = list.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        for (Path file : files) {
            Json test = Json.parse(Files.readString(file));
            Path dump = Files.writeString(
                    folder.resolve("dump.json"), test.at("configDump").toString());
            Path requests = Files.writeString(
                    folder.resolve("requests.json"), test.at("requests").toString());
            Run run = Run.meshdx(
                    "authz", "--config-dump", dump.toString(), "--requests", requests.toString(), "--format", "json");
            assertThat(run.exit()).as(run.err()).isZero();
            List<Json> decisions = run.json().at("result", "decisions").items();
            List<Json> sent = test.at("requests").items();
            assertThat(decisions).hasSameSizeAs(sent);
            for (int i = 0; i < sent.size(); i++) {
                checked++;
                Json want = sent.get(i).at("expected", "authorization");
                Json have = decisions.get(i);
                boolean same = have.at("decision")
                                .text("")
                                .equalsIgnoreCase(want.at("result").text("?"))
                        && have.at("policy").text("").equals(want.at("policy").text(""))
                        && have.at("dryRun").toString().equals(want.at("dryRun").toString())
                        && !have.at("because").text("").isEmpty();
                if (!same) {
                    wrong.add(file.getFileName() + "#" + sent.get(i).at("id") + " " + want + " " + have);
                }
            }
        }
        assertThat(wrong).as("of " + checked).isEmpty();
        assertThat(checked).isPositive();
    }

    @Test
    void should_say_that_a_proxy_does_not_have_a_policy() {
        try (FakeMesh mesh = FakeMesh.start(Scenario.HEALTHY)) {
            mesh.addObject(DENY);
            String pod = reviews(mesh);
            String kubeconfig = kubeconfig(mesh);

            Run text = Run.meshdx(
                    "authz",
                    pod,
                    "http://reviews:9080/admin",
                    "--peer",
                    "production/web",
                    "-n",
                    "production",
                    "--kubeconfig",
                    kubeconfig);
            assertThat(text.err()).isEmpty();
            assertThat(text.exit()).isZero();
            assertThat(text.out())
                    .startsWith("ALLOWED: GET http://reviews:9080/admin from production/web\n")
                    .contains("meant: denied, policy ns[production]-policy[no-admin]-rule[0] (DENY) matches")
                    .contains("difference: It is allowed, and by the policies it should be denied");
            assertThat(text.out().lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThan(120));

            Json decision = one(Run.meshdx(
                    "authz",
                    pod,
                    "post",
                    "http://reviews:9080/admin",
                    "--peer",
                    "spiffe://cluster.local/ns/production/sa/web",
                    "--from",
                    "10.0.0.5",
                    "-H",
                    "x-a: b",
                    "-n",
                    "production",
                    "--kubeconfig",
                    kubeconfig,
                    "--format",
                    "json"));
            assertThat(decision.names())
                    .startsWith(
                            "decision",
                            "because",
                            "kind",
                            "request",
                            "peer",
                            "inForce",
                            "meant",
                            "differs",
                            "difference");
            assertThat(decision.at("decision").text("")).isEqualTo("ALLOWED");
            assertThat(decision.at("meant", "decision").text("")).isEqualTo("DENIED");

            Json rows = Run.meshdx("authz", pod, "-n", "production", "--kubeconfig", kubeconfig, "--format", "json")
                    .json()
                    .at("result", "rows");
            assertThat(rows.items()).hasSize(1);
            assertThat(rows.at(0))
                    .hasToString(
                            "{\"action\":\"DENY\",\"policy\":\"no-admin\",\"namespace\":\"production\",\"rules\":1,"
                                    + "\"dryRun\":false,\"state\":\"NOT_IN_FORCE\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pods/portforward", "authorizationpolicies.security.istio.io", "services", "pods"})
    void should_answer_with_the_half_that_may_be_read(String forbidden) {
        try (FakeMesh mesh = FakeMesh.start(Scenario.HEALTHY)) {
            mesh.addObject(DENY);
            mesh.deny(forbidden.equals("pods/portforward") ? "create" : "*", forbidden);
            String pod = reviews(mesh);

            Run run = Run.meshdx(
                    "authz",
                    pod,
                    "http://reviews:9080/admin",
                    "--peer",
                    "production/web",
                    "-n",
                    "production",
                    "--kubeconfig",
                    kubeconfig(mesh),
                    "--format",
                    "json");

            assertThat(run.exit()).as(run.err()).isZero();
            Json decision = one(run);
            assertThat(decision.at("decision").text(""))
                    .isEqualTo(forbidden.equals("pods/portforward") ? "DENIED" : "ALLOWED");
            assertThat(decision.at("inForce").exists()).isEqualTo(!forbidden.equals("pods/portforward"));
            assertThat(decision.at("meant").exists()).isEqualTo(!forbidden.startsWith("authorizationpolicies"));
            assertThat(run.json().at("inconclusive").items())
                    .isNotEmpty()
                    .allSatisfy(gap -> assertThat(gap.at("reason").text("")).isEqualTo("FORBIDDEN"));
        }
    }

    @Test
    void should_judge_a_policy_before_it_is_applied() throws IOException {
        try (FakeMesh mesh = FakeMesh.start(Scenario.HEALTHY)) {
            Path change = Files.writeString(folder.resolve("deny.yaml"), DENY);

            Json decision = one(Run.meshdx(
                    "authz",
                    reviews(mesh),
                    "http://reviews:9080/admin",
                    "--peer",
                    "production/web",
                    "-n",
                    "production",
                    "--kubeconfig",
                    kubeconfig(mesh),
                    "-f",
                    change.toString(),
                    "--format",
                    "json"));

            assertThat(decision.at("meant", "policy").text("")).isEqualTo("ns[production]-policy[no-admin]-rule[0]");
            assertThat(decision.at("difference").text("")).endsWith("Not on the proxy: production/no-admin.");
        }
    }

    @Test
    void should_say_what_is_missing_on_the_command_line() {
        List<List<String>> wrong = List.of(
                List.of("authz"),
                List.of("authz", "http://reviews:9080/"),
                List.of("authz", "web", "GET", "http://a/", "more"),
                List.of("authz", "web", "POST", "--demo"),
                List.of("authz", "web", "--peer", "production/web", "--demo"),
                List.of("authz", "web", "http://a/", "--peer", "web", "--demo"),
                List.of("authz", "web", "http://a/", "-H", "odd", "--demo"),
                List.of("authz", "web", "http://a/", "--requests", "x.json", "--demo"),
                List.of("authz", "http://a/", "--config-dump", "x.json", "--requests", "y.json"));
        for (List<String> words : wrong) {
            Run run = Run.meshdx(words.toArray(String[]::new));
            assertThat(run.exit()).as(words + " " + run.err()).isEqualTo(2);
            assertThat(run.err()).contains("meshdx authz --help");
        }
        assertThat(Run.meshdx("authz", "nobody", "-n", "production", "--demo").exit())
                .isEqualTo(3);
    }
}
