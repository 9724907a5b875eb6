package dev.meshdx.health.internal;

import static dev.meshdx.health.internal.HealthFixtures.NOW;
import static dev.meshdx.health.internal.HealthFixtures.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.Injection;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.ReadinessStage;
import dev.meshdx.health.ReadinessStage.Kind;
import dev.meshdx.health.ReadinessStage.State;
import dev.meshdx.health.internal.ReadinessFacts.Answer;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadinessTest {
    private static final String SCHEDULED = "{'type':'PodScheduled','status':'True'}";
    private static final String RUNNING =
            "{'name':'istio-proxy','ready':false,'restartCount':0,'state':{'running':{'startedAt':'2026-01-02T11:00:00Z'}}}";

    /** A pod with istio-init, an application and a sidecar. */
    private static Resource pod(String phase, String conditions, String statuses, String initStatuses) {
        return resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'web','uid':'u1','creationTimestamp':'2026-01-02T10:00:00Z',"
                        + "'annotations':{'sidecar.istio.io/status':'{}'}},'spec':{'nodeName':'node-1',"
                        + "'initContainers':[{'name':'istio-init'}],'containers':[{'name':'app'},"
                        + "{'name':'istio-proxy','image':'p','args':['proxy','sidecar']}]},'status':{'phase':'" + phase
                        + "','conditions':[" + conditions + "],'containerStatuses':[" + statuses
                        + "],'initContainerStatuses':[" + initStatuses + "]}}");
    }

    private static final String INIT_DONE = "{'name':'istio-init','state':{'terminated':{'exitCode':0}}}";
    private static final String APP = "{'name':'app','ready':true,'state':{'running':{}}}";

    private static Resource starting(String proxy) {
        return pod("Running", SCHEDULED, APP + "," + proxy, INIT_DONE);
    }

    private static Resource event(String reason, String message) {
        return resource(
                ResourceKind.EVENT,
                "{'reason':'" + reason + "','type':'Warning','message':'" + message
                        + "','lastTimestamp':'2026-01-02T11:30:00Z','involvedObject':{'kind':'Pod','name':'web',"
                        + "'fieldPath':'spec.containers{istio-proxy}'}}");
    }

    /** What one may know about a pod; changed by the tests. */
    private static final class Mesh {
        private final Resource pod;
        private Answer<List<Resource>> events = Answer.of(List.of());
        private Answer<List<ProxyStatus>> proxies = Answer.of(List.of());
        private Answer<ServerInfo> server = Answer.none();
        private Answer<InitDump> waiting = Answer.none();
        private Answer<LoadedCertificates> certificates = Answer.none();
        private Answer<Stats> stats = Answer.none();
        private Answer<String> probe = Answer.none();
        private Answer<List<String>> log = Answer.none();
        private Answer<List<String>> initLog = Answer.none();

        Mesh(Resource pod) {
            this.pod = pod;
        }

        Mesh events(Resource... all) {
            events = Answer.of(List.of(all));
            return this;
        }

        Mesh connected(String state) {
            proxies = Answer.of(HealthFixtures.proxies("[{'proxy':'web.shop','proxy_type':'sidecar','resources':{"
                    + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':{" + state + "},"
                    + "'type.googleapis.com/envoy.config.listener.v3.Listener':{" + state + "}}}]"));
            return this;
        }

        Mesh stats(String text) {
            try {
                stats = Answer.of(Stats.parse(stream(text)));
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Mesh waitsFor(String target) {
            try {
                waiting =
                        Answer.of(InitDump.parse(stream("{\"unready_targets_dumps\":[{\"name\":\"init manager Server\","
                                + "\"target_names\":[\"" + target + "\"]}]}")));
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Mesh certificates(String json) {
            try {
                certificates = Answer.of(LoadedCertificates.parse(stream(json.replace('\'', '"')), NOW));
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Mesh log(String... lines) {
            log = Answer.of(List.of(lines));
            return this;
        }

        private static ByteArrayInputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }

        Readiness judge() {
            Injection injection = InjectionJudge.judge(
                    InjectionJudge.Subject.pod(pod), new InjectionJudge.Facts(null, null, List.of(), List.of()));
            return ReadinessJudge.judge(
                    new ReadinessFacts(
                            pod,
                            NOW,
                            injection,
                            Optional.empty(),
                            events,
                            proxies,
                            new ReadinessFacts.Proxy(server, waiting, certificates, stats, probe, log),
                            Answer.none(),
                            initLog),
                    List.of());
        }

        ReadinessStage cause() {
            return judge().cause().orElseThrow();
        }

        List<Finding> findings() {
            HealthModel.Builder model = HealthFixtures.model();
            model.pods = List.of(pod);
            model.readiness = Map.of(pod.ref(), judge());
            return HealthChecks.run(HealthChecks.READINESS, model.build());
        }
    }

    private static final String ACCEPTED =
            "cluster_manager.cds.update_success: 1\nlistener_manager.lds.update_success: 1\n";
    private static final String VALID = "{'certificates':[{'ca_cert':[],'cert_chain':[{'serial_number':'1',"
            + "'subject_alt_names':[{'uri':'spiffe://cluster.local/ns/shop/sa/web'}],'valid_from':'2026-01-02T10:00:00Z',"
            + "'expiration_time':'2026-01-03T10:00:00Z'}]}]}";

    @Test
    void should_say_why_no_node_takes_a_pod() {
        Mesh mesh = new Mesh(pod(
                        "Pending",
                        "{'type':'PodScheduled','status':'False','reason':'Unschedulable','message':'0/3 nodes are available'}",
                        "",
                        ""))
                .events(event("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu"));

        assertThat(mesh.cause().kind()).isEqualTo(Kind.SCHEDULED);
        assertThat(mesh.cause().state()).isEqualTo(State.FAILED);
        assertThat(mesh.cause().reason()).contains("0/3 nodes");
        assertThat(mesh.cause().evidence())
                .anyMatch(evidence -> evidence.value().contains("Insufficient cpu"));
        assertThat(mesh.findings()).isEmpty();
    }

    @Test
    void should_report_MDX0155_for_a_root_certificate_that_is_not_there() {
        Mesh mesh = new Mesh(pod("Pending", SCHEDULED, "", ""))
                .events(
                        event("FailedMount", "Unable to attach or mount volumes: timed out waiting for the condition"),
                        event(
                                "FailedMount",
                                "MountVolume.SetUp failed for volume istiod-ca-cert : configmap istio-ca-root-cert not found"),
                        event("FailedMount", "Unable to attach or mount volumes: timed out waiting for the condition"));

        assertThat(mesh.cause().kind()).isEqualTo(Kind.VOLUMES);
        assertThat(mesh.cause().reason()).contains("ConfigMap istio-ca-root-cert is not there in namespace shop");
        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0155");
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.remedy()).contains("discoverySelectors");
        });
        assertThat(new Mesh(pod("Pending", SCHEDULED, "", ""))
                        .events(event(
                                "FailedMount", "MountVolume.SetUp failed for volume istio-token : no TokenRequest"))
                        .cause()
                        .reason())
                .contains("token for istiod");
        assertThat(new Mesh(pod("Pending", SCHEDULED, "", "")).findings()).isEmpty();
    }

    @Test
    void should_report_MDX0152_for_a_sandbox_that_istio_cni_does_not_make() {
        Mesh mesh = new Mesh(pod("Pending", SCHEDULED, "", ""))
                .events(event(
                        "FailedCreatePodSandBox",
                        "plugin type=istio-cni failed (add): unable to push CNI event (status code 500)"));

        assertThat(mesh.cause().kind()).isEqualTo(Kind.NETWORK);
        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0152");
            assertThat(finding.message()).contains("istio-cni fails");
            assertThat(finding.remedy()).contains("istio-cni-node");
        });
        // One that was made at last is past trouble.
        assertThat(new Mesh(starting(RUNNING))
                        .events(event("FailedCreatePodSandBox", "istio-cni"))
                        .judge()
                        .stage(Kind.NETWORK)
                        .state())
                .isEqualTo(State.DONE);
    }

    @ParameterizedTest
    @CsvSource({
        "istio-init, 255, Error, NET_ADMIN",
        "istio-init, 1, Error, iptables",
        "istio-validation, 126, Error, started before istio-cni was ready",
        "istio-validation, 1, Error, could not check",
        "enable-core-dump, 1, Error, privileged",
        "istio-init, 137, OOMKilled, killed",
        "other, 3, Error, ends with exit code 3"
    })
    void should_report_MDX0151_with_the_exit_code_in_words(String name, int code, String reason, String words) {
        Resource pod = resource(
                ResourceKind.POD,
                pod(
                                "Pending",
                                SCHEDULED,
                                "",
                                "{'name':'" + name
                                        + "','restartCount':4,'state':{'waiting':{'reason':'CrashLoopBackOff'}},"
                                        + "'lastState':{'terminated':{'exitCode':" + code + ",'reason':'" + reason
                                        + "','finishedAt':'2026-01-02T11:58:00Z'}}}")
                        .raw()
                        .toString()
                        .replace("[{\"name\":\"istio-init\"}]", "[{\"name\":\"" + name + "\"}]"));
        Mesh mesh = new Mesh(pod);
        mesh.initLog = Answer.of(List.of("first", "iptables: Permission denied\u001b[31m", ""));

        assertThat(mesh.cause().kind()).isEqualTo(Kind.INIT_CONTAINERS);
        assertThat(mesh.cause().since()).isPresent();
        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0151");
            assertThat(finding.message()).contains(name, words);
            assertThat(finding.evidence())
                    .anyMatch(evidence -> evidence.value().startsWith("iptables: Permission denied")
                            && !evidence.value().contains("\u001b"));
        });
        assertThat(ReadinessJudge.isStuck(pod, NOW)).isTrue();
        assertThat(ReadinessJudge.failedInit(pod)).contains(name);
    }

    @Test
    void should_wait_for_an_init_container_that_runs() {
        Mesh mesh = new Mesh(pod(
                "Pending",
                SCHEDULED,
                "",
                "{'name':'istio-init','state':{'running':{'startedAt':'2026-01-02T11:59:59Z'}}}"));

        assertThat(mesh.cause().state()).isEqualTo(State.WAITING);
        assertThat(mesh.cause().reason()).contains("istio-init is running");
        assertThat(mesh.findings()).isEmpty();
    }

    @Test
    void should_not_blame_init_containers_that_come_after_a_native_sidecar() {
        Resource pod = resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'web'},'spec':{'nodeName':'n','initContainers':[{'name':'istio-init'},"
                        + "{'name':'istio-proxy','restartPolicy':'Always','image':'p'},{'name':'migrate'}],"
                        + "'containers':[{'name':'app'}]},'status':{'phase':'Pending','conditions':[" + SCHEDULED
                        + "],'initContainerStatuses':[" + INIT_DONE + "," + RUNNING
                        + ",{'name':'migrate','state':{'waiting':{'reason':'PodInitializing'}}}]}}");
        Readiness readiness =
                new Mesh(pod).connected("'nonceSent':'','nonceAcked':''").judge();

        assertThat(readiness.stage(Kind.INIT_CONTAINERS).state()).isEqualTo(State.DONE);
        assertThat(readiness.injection().presence()).isEqualTo(Injection.Presence.NATIVE_SIDECAR);
        assertThat(readiness.cause().orElseThrow().kind().ordinal()).isGreaterThan(Kind.PROXY_STARTED.ordinal());
    }

    @ParameterizedTest
    @CsvSource({
        "'{''waiting'':{''reason'':''ImagePullBackOff''}}', {}, image cannot be pulled",
        "'{''waiting'':{''reason'':''CreateContainerConfigError''}}', {}, cannot be made",
        "'{''waiting'':{''reason'':''CrashLoopBackOff''}}', '{''exitCode'':137,''reason'':''OOMKilled''}', memory limit",
        "'{''waiting'':{''reason'':''CrashLoopBackOff''}}', '{''exitCode'':255,''reason'':''Error''}', exit code 255",
        "'{''waiting'':{''reason'':''CrashLoopBackOff''}}', '{''exitCode'':139,''reason'':''Error''}', Envoy crashed",
        "'{''terminated'':{''exitCode'':0}}', {}, ended by itself"
    })
    void should_say_why_the_proxy_does_not_run(String state, String last, String words) {
        Mesh mesh = new Mesh(starting("{'name':'istio-proxy','ready':false,'restartCount':3,'state':"
                + state.replace("''", "'") + ",'lastState':{"
                + (last.equals("{}") ? "" : "'terminated':" + last.replace("''", "'"))
                + "}}"));

        assertThat(mesh.cause().kind()).isEqualTo(Kind.PROXY_STARTED);
        assertThat(mesh.cause().reason()).contains(words);
        assertThat(mesh.judge().stage(Kind.CONFIGURATION).state()).isEqualTo(State.WAITING);
        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0107");
            assertThat(finding.message()).contains(words);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "failed to connect to upstream istiod.istio-system.svc:15012: tls: x509: certificate signed by unknown authority"
                        + " | istio-ca-root-cert",
                "failed to connect to upstream istiod: rpc error: code = Unauthenticated desc = authentication failure"
                        + " | refuses the pod's token",
                "failed to connect to upstream istiod: dial tcp: lookup istiod.istio-system.svc: no such host | cannot be resolved",
                "failed to connect to upstream istiod: dial tcp 10.0.0.1:15012: connect: connection refused | Nothing answers",
                "failed to connect to upstream istiod: dial tcp 10.0.0.1:15012: i/o timeout | gives no answer"
            })
    void should_read_in_the_log_why_there_is_no_connection(String line, String words) {
        Mesh mesh = new Mesh(starting(RUNNING))
                .log(
                        "2026-01-02T11:00:01.000000Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod:15012",
                        "2026-01-02T11:50:01.000000Z\terror\txdsproxy\t" + line);

        assertThat(mesh.cause().kind()).isEqualTo(Kind.CONNECTED);
        assertThat(mesh.cause().state()).isEqualTo(State.FAILED);
        assertThat(mesh.cause().reason()).contains(words);
        assertThat(mesh.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains(words));
    }

    @Test
    void should_not_believe_the_text_of_requests() {
        Readiness readiness = new Mesh(starting(RUNNING.replace("'ready':false", "'ready':true")))
                .log(
                        "[2026-01-02T11:50:01.000Z] \"GET /failed to connect to upstream HTTP/1.1\" 200 -",
                        "{\"path\":\"/x\\\",\\\"level\\\":\\\"error\\\"\",\"msg\":\"failed to generate workload certificate\"}",
                        "2026-01-02T11:50:01Z failed to sign")
                .connected("'sent':'a','acked':'a'")
                .judge();

        assertThat(readiness.stage(Kind.CERTIFICATE).state()).isEqualTo(State.UNKNOWN);
        assertThat(readiness.stage(Kind.CONNECTED).state()).isEqualTo(State.DONE);
    }

    @Test
    void should_understand_logs_in_json() {
        ReadinessStage cause = new Mesh(starting(RUNNING))
                .log(
                        "{\"level\":\"error\",\"time\":\"2026-01-02T11:50:01Z\",\"scope\":\"xdsproxy\",\"msg\":\"failed to connect to"
                                + " upstream istiod: connection refused\"}")
                .cause();

        assertThat(cause.kind()).isEqualTo(Kind.CONNECTED);
        assertThat(cause.reason()).contains("Nothing answers");
    }

    @Test
    void should_report_MDX0153_for_a_certificate_that_is_not_delivered() {
        Mesh mesh = new Mesh(starting(RUNNING))
                .connected("'sent':'a','acked':'a'")
                .certificates("{'certificates':[]}")
                .waitsFor("target SdsApi default")
                .stats(ACCEPTED + "listener_manager.workers_started: 0\n");
        Mesh refused = new Mesh(starting(RUNNING))
                .connected("'sent':'a','acked':'a'")
                .certificates("{'certificates':[]}")
                .log(
                        "2026-01-02T11:50:01.000000Z\twarn\tsds\tfailed to warm certificate: failed to generate workload certificate:"
                                + " create certificate: rpc error: code = Unauthenticated");

        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0153");
            assertThat(finding.message()).contains("Envoy waits for its certificate");
        });
        assertThat(mesh.judge().stage(Kind.WORKERS).reason()).contains("the workload certificate (secret default)");
        assertThat(refused.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0153");
            assertThat(finding.message()).contains("refuses the pod's token");
            assertThat(finding.evidence()).anyMatch(evidence -> evidence.value().contains("Unauthenticated"));
        });
        assertThat(new Mesh(starting(RUNNING)).certificates(VALID).findings())
                .noneMatch(finding -> finding.code().equals("MDX0153"));
    }

    @Test
    void should_see_a_certificate_that_has_expired() {
        ReadinessStage stage = new Mesh(starting(RUNNING))
                .certificates(VALID.replace("2026-01-03", "2026-01-02").replace("T10:00:00Z'}]}", "T10:30:00Z'}]}"))
                .judge()
                .stage(Kind.CERTIFICATE);

        assertThat(stage.state()).isEqualTo(State.FAILED);
        assertThat(stage.reason()).contains("not valid at 2026-01-02T12:00:00Z");
        assertThat(stage.code()).isEmpty();
    }

    @Test
    void should_report_MDX0154_for_a_proxy_that_waits_for_its_first_push() {
        Mesh mesh = new Mesh(starting(RUNNING))
                .connected("")
                .certificates(VALID)
                .stats("cluster_manager.cds.update_success: 0\nlistener_manager.lds.update_success: 0\n");
        Mesh half = new Mesh(starting(RUNNING))
                .connected("")
                .certificates(VALID)
                .stats("cluster_manager.cds.update_success: 1\nlistener_manager.lds.update_success: 0\n");

        assertThat(mesh.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0154");
            assertThat(finding.message()).contains("waits for the first push");
            assertThat(finding.evidence()).isNotEmpty();
        });
        assertThat(half.cause().reason()).contains("Clusters (CDS) were accepted; listeners (LDS) were not sent yet");
    }

    @Test
    void should_tell_a_refused_first_configuration_from_one_that_was_not_sent() {
        Mesh mesh = new Mesh(starting(RUNNING))
                .connected("'sent':'a','acked':'a'")
                .certificates(VALID)
                .stats("cluster_manager.cds.update_success: 1\nlistener_manager.lds.update_success: 0\n"
                        + "listener_manager.lds.update_rejected: 4\n");

        assertThat(mesh.cause().state()).isEqualTo(State.FAILED);
        assertThat(mesh.cause().reason()).contains("refused its first configuration 4 times");
        assertThat(mesh.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.code()).isEqualTo("MDX0107"));
    }

    @Test
    void should_take_a_version_for_acceptance_where_counters_were_reset() {
        assertThat(new Mesh(starting(RUNNING))
                        .stats(
                                "cluster_manager.cds.update_success: 0\ncluster_manager.cds.version_text: \"x/1\"\n"
                                        + "listener_manager.lds.update_success: 0\nlistener_manager.lds.version: 17558611133365758559\n")
                        .judge()
                        .stage(Kind.CONFIGURATION)
                        .state())
                .isEqualTo(State.DONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "config not received from XDS server (is Istiod running?): cds updates: 0 successful, 0 rejected | no configuration was received",
                "config received from XDS server, but was rejected: cds updates: 0 successful, 2 rejected | was refused",
                "config not fully received from XDS server: cds updates: 1 successful, 0 rejected | in part only",
                "server is not live, current state is: INITIALIZING | Envoy is not live (INITIALIZING)",
                "workers have not yet started | workers have not started",
                "something new | the agent's words: something new"
            })
    void should_decode_the_agents_words(String words, String meaning) {
        ReadinessStage stage = new Mesh(starting(RUNNING))
                .log(
                        "2026-01-02T11:00:00.000000Z\tinfo\tEnvoy proxy is ready",
                        "2026-01-02T11:59:00.000000Z\twarn\tEnvoy proxy is NOT ready: " + words)
                .judge()
                .stage(Kind.PROXY_READY);

        assertThat(stage.state()).isEqualTo(State.FAILED);
        assertThat(stage.reason()).contains(meaning);
    }

    @Test
    void should_say_what_the_probe_answers() {
        Mesh answers = new Mesh(starting(RUNNING));
        answers.probe =
                Answer.failed(new MeshConnectionException("GET shop/web:15021/healthz/ready answered 503: no", ""));
        Mesh hangs = new Mesh(starting(RUNNING));
        hangs.probe = Answer.failed(new MeshTimeoutException("no answer", ""));
        Mesh now = new Mesh(starting(RUNNING));
        now.probe = Answer.of("");
        Mesh event = new Mesh(starting(RUNNING))
                .events(event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"));
        Mesh refused = new Mesh(starting(RUNNING))
                .events(event(
                        "Unhealthy", "Startup probe failed: dial tcp 10.0.0.1:15021: connect: connection refused"));

        assertThat(answers.judge().stage(Kind.PROXY_READY).reason()).contains("port 15021 answers 503: no");
        assertThat(hangs.judge().stage(Kind.PROXY_READY).reason()).contains("port 15021 gives no answer");
        assertThat(now.judge().stage(Kind.PROXY_READY).state()).isEqualTo(State.WAITING);
        assertThat(event.judge().stage(Kind.PROXY_READY).reason()).contains("answers 503: Envoy is up, and not ready");
        assertThat(refused.judge().stage(Kind.PROXY_READY).reason()).contains("connection is refused");
    }

    @Test
    void should_see_that_envoy_hangs_and_still_say_the_rest() {
        Mesh mesh = new Mesh(starting(RUNNING)).connected("'sent':'b','acked':'a'");
        MeshException timeout = new MeshTimeoutException("GET shop/web:15000/server_info gave no answer", "");
        mesh.server = Answer.failed(timeout);
        mesh.certificates = Answer.failed(timeout);
        mesh.stats = Answer.failed(timeout);

        assertThat(mesh.cause().kind()).isEqualTo(Kind.PROXY_STARTED);
        assertThat(mesh.cause().reason()).contains("Envoy hangs");
        assertThat(mesh.judge().stage(Kind.CONNECTED).state()).isEqualTo(State.DONE);
        assertThat(mesh.judge().stage(Kind.CERTIFICATE).reason()).contains("gave no answer");
        assertThat(mesh.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("Envoy hangs"));
    }

    @Test
    void should_leave_unknown_what_it_may_not_read_and_judge_the_rest() {
        MeshException denied = new MeshAccessException("pods/portforward is forbidden", "");
        Mesh mesh = new Mesh(starting(RUNNING.replace("'ready':false", "'ready':true")));
        mesh.proxies = Answer.failed(denied);
        mesh.certificates = Answer.failed(denied);
        mesh.stats = Answer.failed(denied);
        mesh.server = Answer.failed(denied);
        mesh.events = Answer.failed(denied);
        mesh.log = Answer.failed(denied);
        Readiness readiness = mesh.judge();

        assertThat(readiness.stage(Kind.CONNECTED).state()).isEqualTo(State.UNKNOWN);
        assertThat(readiness.stage(Kind.CERTIFICATE).reason()).contains("forbidden");
        assertThat(readiness.stage(Kind.CONFIGURATION).state()).isEqualTo(State.UNKNOWN);
        assertThat(readiness.stage(Kind.WORKERS).state()).isEqualTo(State.UNKNOWN);
        assertThat(readiness.stage(Kind.PROXY_READY).state()).isEqualTo(State.DONE);
        assertThat(readiness.stage(Kind.INIT_CONTAINERS).state()).isEqualTo(State.DONE);
        Mesh pending = new Mesh(pod("Pending", SCHEDULED, "", ""));
        pending.events = Answer.failed(denied);
        assertThat(pending.judge().stage(Kind.VOLUMES).state()).isEqualTo(State.UNKNOWN);
    }

    @Test
    void should_name_the_containers_of_the_application_that_are_not_ready() {
        Resource pod = pod(
                "Running",
                SCHEDULED + ",{'type':'Ready','status':'False','lastTransitionTime':'2026-01-02T11:00:00Z'}",
                "{'name':'app','ready':false,'restartCount':9,'state':{'waiting':{'reason':'CrashLoopBackOff'}},"
                        + "'lastState':{'terminated':{'exitCode':1}}},"
                        + RUNNING.replace("'ready':false", "'ready':true"),
                INIT_DONE);
        Mesh mesh = new Mesh(pod)
                .connected("'sent':'a','acked':'a'")
                .certificates(VALID)
                .stats(ACCEPTED + "listener_manager.workers_started: 1\n");

        assertThat(mesh.cause().kind()).isEqualTo(Kind.APPLICATION_READY);
        assertThat(mesh.cause().reason())
                .isEqualTo("Container app waits in CrashLoopBackOff (it last ended with exit code 1).");
        assertThat(mesh.findings()).isEmpty();
    }

    @Test
    void should_stand_hostile_values() {
        Resource pod = resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'web','creationTimestamp':'yesterday','annotations':"
                        + "{'sidecar.istio.io/status':'x','ambient.istio.io/redirection':7}},'spec':{'initContainers':{'a':1},"
                        + "'containers':[null,7,{'name':['x']},{'name':'istio-proxy'}]},'status':{'conditions':'none',"
                        + "'phase':[],'containerStatuses':[{'name':'istio-proxy','restartCount':'many','state':"
                        + "{'waiting':{'reason':{}},'running':{'startedAt':-5}},'lastState':[]}],"
                        + "'initContainerStatuses':7}}");
        List<Resource> events = new ArrayList<>();
        events.add(resource(ResourceKind.EVENT, "{'reason':7,'message':[],'involvedObject':'x','lastTimestamp':{}}"));
        events.add(event("Unhealthy", "x".repeat(5000)));
        Readiness readiness = new Mesh(pod)
                .events(events.toArray(Resource[]::new))
                .log(
                        "",
                        "{",
                        "{\"level\":7}",
                        "\u0000\u001b[2J",
                        "2026-01-02T11:59:00Z\twarn\tEnvoy proxy is NOT ready:")
                .waitsFor("target RdsRouteConfigSubscription init 80 \\u001b")
                .judge();

        assertThat(readiness.stages()).hasSize(Kind.values().length);
        assertThat(readiness.toString()).hasSizeLessThan(900).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sidecar/healthy",
                "ambient/ambient-healthy",
                "multicluster/multicluster-healthy/east",
                "multicluster/multicluster-healthy/west"
            })
    void should_find_every_pod_of_a_healthy_mesh_ready(String recording) {
        Session session = Shared.recording(recording);

        for (Resource pod : session.resources(ResourceKind.POD)) {
            Readiness readiness = ReadinessReader.read(Shared.recording(recording), pod.namespace(), pod.name());
            assertThat(readiness.isReady()).as(readiness.toString()).isTrue();
            assertThat(readiness.cause()).as(readiness.toString()).isEmpty();
            assertThat(readiness.findings()).isEmpty();
            assertThat(readiness.toString()).hasSizeLessThan(900);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "sidecar/envoy-hung | reviews-v1 | PROXY_STARTED | MDX0107",
                "sidecar/admin-unreachable | details-v1 | none | none",
                "sidecar/proxy-restarted | details-v1 | none | none",
                "sidecar/proxy-nack | gadget-v1 | CONFIGURATION | none",
                "sidecar/proxy-stale | details-v1 | CONNECTED | none",
                "sidecar/istiod-down | sleep-v1 | CONNECTED | none",
                "sidecar/gateway-cert-missing | istio-ingressgateway | none | none",
                "sidecar/cert-expired | details-v1 | CERTIFICATE | none",
                "ambient/not-enrolled | orders-v1 | CAPTURED | none",
                "ambient/ztunnel-down | orders-v1 | CAPTURED | none",
                "ambient/ztunnel-down | ztunnel-rzfkz | PROXY_STARTED | MDX0107"
            })
    void should_name_the_cause_in_recorded_meshes(
            String recording,
            String name,
            @org.jspecify.annotations.Nullable Kind cause,
            @org.jspecify.annotations.Nullable String code) {
        Session session = Shared.recording(recording);
        Resource pod = session.resources(ResourceKind.POD).stream()
                .filter(one -> one.name().startsWith(name))
                .findFirst()
                .orElseThrow();

        Readiness readiness = ReadinessReader.read(session, pod.namespace(), pod.name());

        assertThat(readiness.cause().map(ReadinessStage::kind)).isEqualTo(Optional.ofNullable(cause));
        assertThat(readiness.findings().stream().map(Finding::code).toList())
                .isEqualTo(code == null ? List.of() : List.of(code));
    }

    @Test
    void should_keep_its_own_steps_unknown_where_the_admin_port_is_refused() {
        Readiness readiness = ReadinessReader.read(
                Shared.recording("sidecar/admin-unreachable"), "production", "details-v1-6q27k7gw8d-jksf6");

        assertThat(readiness.isReady()).isTrue();
        assertThat(readiness.stage(Kind.CERTIFICATE).state()).isEqualTo(State.UNKNOWN);
        assertThat(readiness.stage(Kind.CERTIFICATE).reason()).contains("connection was refused");
        assertThat(readiness.stage(Kind.CONFIGURATION).state()).isEqualTo(State.DONE);
        assertThat(readiness.inconclusive()).isNotEmpty();
    }

    @Test
    void should_say_that_a_pod_outside_the_mesh_is_outside() {
        Readiness readiness = ReadinessReader.read(
                Shared.recording("sidecar/healthy"), "legacy", "legacy-client-v1-8qsg8g7tw7-45dz2");

        assertThat(readiness.stage(Kind.INJECTED).state()).isEqualTo(State.NOT_APPLICABLE);
        assertThat(readiness.stage(Kind.INJECTED).reason())
                .contains("not part of the mesh", "istio-injection=disabled");
    }

    @Test
    void should_refuse_manifests_and_pods_that_are_not_there() {
        assertThatThrownBy(() -> ReadinessReader.read(
                        Shared.session(
                                ManifestSource.of("x", "kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n")),
                        "shop",
                        "web"))
                .isInstanceOf(MeshUnsupportedException.class);
        Session recording = Shared.recording("sidecar/healthy");
        assertThatThrownBy(() -> ReadinessReader.read(recording, "production", "nobody"))
                .isInstanceOf(MeshNotFoundException.class);
    }
}
