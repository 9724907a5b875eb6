package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the istiods say against the pods: MDX0140 to MDX0143. */
class ConnectionsTest {
    private static final String OLD = "'sent':'a','acked':'a','sentTime':'2026-01-02T09:00:00Z'";
    private static final String CDS = "envoy.config.cluster.v3.Cluster";

    private static HealthModel.Builder model(Resource... pods) {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(HealthFixtures.istiod("istiod-1", true));
        model.asked = 1;
        model.answered = 1;
        model.podsKnown = true;
        model.pods = List.of(pods);
        return model;
    }

    private static String proxy(String node, String cluster, String state) {
        return "{'proxy':'" + node + "','cluster_id':'" + cluster + "','resources':{'type.googleapis.com/" + CDS + "':{"
                + state + "}}}";
    }

    private static List<ProxyStatus> proxies(String... entries) {
        return HealthFixtures.proxies("[" + String.join(",", entries) + "]");
    }

    private static IstiodInstance istiod(String pod, String revision) {
        return new IstiodInstance(new IstiodInstance.Fields(
                "istio-system", pod, revision, "1.30.0", "Running", true, 0, null, null, null, -1, -1, "", null));
    }

    private static Resource webhook(String revision, String tag) {
        return HealthFixtures.resource(
                ResourceKind.MUTATING_WEBHOOK_CONFIGURATION,
                "{'metadata':{'name':'w-" + tag + "','labels':{'istio.io/rev':'" + revision + "'"
                        + (tag.isEmpty() ? "" : ",'istio.io/tag':'" + tag + "'") + "}}}");
    }

    private static Resource namespace(String labels) {
        return HealthFixtures.resource(
                ResourceKind.NAMESPACE, "{'metadata':{'name':'shop','labels':{" + labels + "}}}");
    }

    // MDX0140

    @Test
    void should_report_MDX0140_for_a_connection_without_a_pod() {
        HealthModel.Builder model = model(HealthFixtures.pod("web", HealthFixtures.RUNNING));
        model.proxies = proxies(proxy("web.shop", "east", OLD), proxy("gone.shop", "east", OLD));

        assertThat(HealthFixtures.run(new ProxyWithoutPodCheck(), model))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0140");
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.message()).contains("istiod-1", "gone");
                });
    }

    @Test
    void should_only_inform_of_one_that_was_sent_something_just_now() {
        HealthModel.Builder model = model();
        model.proxies = proxies(proxy("new.shop", "east", "'sent':'a','acked':'a','sentTime':'2026-01-02T11:59:40Z'"));

        assertThat(HealthFixtures.run(new ProxyWithoutPodCheck(), model).get(0).severity())
                .isEqualTo(Severity.INFO);
    }

    @Test
    void should_stay_silent_for_other_clusters_and_workloads_outside_the_cluster() {
        HealthModel.Builder remote = model(HealthFixtures.pod("web", HealthFixtures.RUNNING));
        remote.proxies = proxies(proxy("web.shop", "east", OLD), proxy("api.shop", "west", OLD));
        HealthModel.Builder named = model();
        named.cluster = "east";
        named.proxies = proxies(proxy("api.shop", "west", OLD));
        HealthModel.Builder machine = model();
        machine.proxies = proxies(proxy("vm-1.shop", "east", OLD));
        machine.outside = Set.of("shop");
        HealthModel.Builder unread = model();
        unread.podsKnown = false;
        unread.proxies = proxies(proxy("web.shop", "east", OLD));

        for (HealthModel.Builder silent : List.of(remote, named, machine, unread)) {
            assertThat(HealthFixtures.run(new ProxyWithoutPodCheck(), silent)).isEmpty();
        }
    }

    // MDX0141

    private static HealthModel.Builder twice(String first, String second) {
        HealthModel.Builder model = model(HealthFixtures.pod("web", HealthFixtures.RUNNING));
        List<ProxyStatus> all = new ArrayList<>(
                HealthFixtures.proxies("[" + proxy("web.shop", "east", first) + "]", "istiod-1", "default"));
        all.addAll(HealthFixtures.proxies("[" + proxy("web.shop", "east", second) + "]", "istiod-2", "default"));
        ProxyReads.unique(all, model);
        return model;
    }

    @Test
    void should_report_MDX0141_and_keep_one_row_that_names_the_other_istiod() {
        HealthModel.Builder model =
                twice("'sent':'b','acked':'a','sentTime':'2026-01-02T09:00:00Z'", OLD.replace("09", "10"));

        assertThat(model.proxies).singleElement().satisfies(proxy -> {
            assertThat(proxy.istiod()).isEqualTo("istiod-2");
            assertThat(proxy.alsoOn()).containsExactly("istiod-1");
        });
        assertThat(HealthFixtures.run(new ProxyConnectedTwiceCheck(), model))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0141");
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.message()).contains("istiod-2", "istiod-1 is dead");
                });
    }

    @Test
    void should_only_inform_while_it_moves_and_stay_silent_with_one_connection() {
        HealthModel.Builder moving = twice(OLD, "'sent':'a','acked':'a','sentTime':'2026-01-02T11:59:40Z'");
        HealthModel.Builder one = model();
        one.proxies = proxies(proxy("web.shop", "east", OLD));

        assertThat(HealthFixtures.run(new ProxyConnectedTwiceCheck(), moving))
                .extracting(Finding::severity)
                .containsExactly(Severity.INFO);
        assertThat(HealthFixtures.run(new ProxyConnectedTwiceCheck(), one)).isEmpty();
    }

    @Test
    void should_take_pods_of_the_same_name_in_two_clusters_for_two() {
        HealthModel.Builder model = model();
        ProxyReads.unique(proxies(proxy("db-0.shop", "east", OLD), proxy("db-0.shop", "west", OLD)), model);

        assertThat(model.proxies).hasSize(2);
        assertThat(model.otherConnections).isEmpty();
    }

    // MDX0142

    private static HealthModel.Builder revisions(Resource pod, String connected) {
        HealthModel.Builder model = model(pod);
        model.istiods = List.of(istiod("istiod-a", "a"), istiod("istiod-b", "b"));
        model.webhooks = List.of(webhook("a", ""), webhook("b", ""), webhook("a", "stable"), webhook("b", "default"));
        model.proxies =
                HealthFixtures.proxies("[" + proxy("web.shop", "east", OLD) + "]", "istiod-" + connected, connected);
        return model;
    }

    @Test
    void should_report_MDX0142_for_a_proxy_on_another_revision_than_its_own() {
        for (String label : List.of("a", "stable")) {
            assertThat(HealthFixtures.run(
                            new ProxyOnOtherRevisionCheck(), revisions(HealthFixtures.revised("web", label), "b")))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.code()).isEqualTo("MDX0142");
                        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                        assertThat(finding.message()).contains("made for revision a", "istiod-b of revision b");
                    });
        }
    }

    @Test
    void should_inform_of_a_namespace_that_has_moved_on() {
        HealthModel.Builder moved = revisions(HealthFixtures.revised("web", "a"), "a");
        moved.namespaces = List.of(namespace("'istio-injection':'enabled'"));

        assertThat(HealthFixtures.run(new ProxyOnOtherRevisionCheck(), moved))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.INFO);
                    assertThat(finding.subject().toString()).isEqualTo("Namespace shop");
                    assertThat(finding.message()).contains("asks for revision b", "revision a: web");
                });
    }

    @Test
    void should_stay_silent_where_the_labels_ask_for_the_revision_or_for_none_that_there_is() {
        HealthModel.Builder tagged = revisions(HealthFixtures.revised("web", "stable"), "a");
        tagged.namespaces = List.of(namespace("'istio.io/rev':'stable'"));
        HealthModel.Builder unknown = revisions(HealthFixtures.revised("web", "c"), "a");
        unknown.namespaces = List.of(namespace("'istio.io/rev':'c'"));
        HealthModel.Builder disabled = revisions(HealthFixtures.revised("web", "a"), "a");
        disabled.namespaces = List.of(namespace("'istio-injection':'disabled','istio.io/rev':'b'"));

        for (HealthModel.Builder silent : List.of(tagged, unknown, disabled)) {
            assertThat(HealthFixtures.run(new ProxyOnOtherRevisionCheck(), silent))
                    .isEmpty();
        }
    }

    // MDX0143

    private static Resource ambient(String name, String node) {
        return HealthFixtures.resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'shop','name':'" + name
                        + "','annotations':{'ambient.istio.io/redirection':'enabled'}},'spec':{'nodeName':'" + node
                        + "','containers':[{'name':'app'}]},'status':{'phase':'Running'}}");
    }

    private static Resource ztunnel(String name, String node, String state) {
        return HealthFixtures.resource(
                ResourceKind.POD,
                "{'metadata':{'namespace':'istio-system','name':'" + name
                        + "','labels':{'app':'ztunnel'}},'spec':{'nodeName':'" + node
                        + "','containers':[{'name':'istio-proxy','args':['proxy','ztunnel']}]},"
                        + "'status':{'phase':'Running','containerStatuses':[{'name':'istio-proxy','state':" + state
                        + "}]}}");
    }

    private static final String UP = "{'running':{'startedAt':'2026-01-02T08:00:00Z'}}";

    private static HealthModel.Builder ambientModel(Resource... ztunnels) {
        HealthModel.Builder model = model(ambient("web", "node-1"), ambient("api", "node-2"));
        model.ztunnels = List.of(ztunnels);
        model.proxies = proxies(proxy("zt-1.istio-system", "east", OLD));
        return model;
    }

    @Test
    void should_report_MDX0143_for_a_node_without_a_ztunnel_that_works() {
        Resource works = ztunnel("zt-1", "node-1", UP);

        assertThat(HealthFixtures.run(new NodeWithoutZtunnelCheck(), ambientModel(works)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0143");
                    assertThat(finding.message()).contains("node-2", "shop/api", "no ztunnel runs on it");
                });
        assertThat(HealthFixtures.run(
                        new NodeWithoutZtunnelCheck(),
                        ambientModel(works, ztunnel("zt-2", "node-2", "{'waiting':{'reason':'CrashLoopBackOff'}}"))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("zt-2 does not run (CrashLoopBackOff)"));
        assertThat(HealthFixtures.run(
                        new NodeWithoutZtunnelCheck(), ambientModel(works, ztunnel("zt-2", "node-2", UP))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("zt-2 is connected to no istiod"));
    }

    @Test
    void should_stay_silent_where_each_node_has_one_or_nobody_can_tell() {
        Resource works = ztunnel("zt-1", "node-1", UP);
        HealthModel.Builder both = ambientModel(works, ztunnel("zt-2", "node-2", UP));
        both.proxies = proxies(proxy("zt-1.istio-system", "east", OLD), proxy("zt-2.istio-system", "east", OLD));
        HealthModel.Builder unread = ambientModel();
        unread.ztunnels = null;
        HealthModel.Builder silent = ambientModel(works, ztunnel("zt-2", "node-2", UP));
        silent.silentIstiods = List.of(HealthFixtures.istiodPod("istiod-2", "default"));
        Resource second = ztunnel("zt-2", "node-2", UP);
        HealthModel.Builder told = ambientModel(works, second);
        told.pods = List.of(ambient("web", "node-1"), ambient("api", "node-2"), second);

        for (HealthModel.Builder model : List.of(both, unread, silent, told)) {
            assertThat(HealthFixtures.run(new NodeWithoutZtunnelCheck(), model)).isEmpty();
        }
        // What MDX0143 leaves to MDX0106 is said there, with whose traffic it carries.
        assertThat(HealthFixtures.run(new ProxyNotConnectedCheck(), told))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("the traffic of 1 pod of node node-2"));
    }
}
