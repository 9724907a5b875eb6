package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadUnavailableCheckTest {
    private final WorkloadUnavailableCheck check = new WorkloadUnavailableCheck();

    private static HealthModel.Builder endpoints(String endpoints) {
        HealthModel.Builder model = HealthFixtures.model();
        model.endpointsKnown = true;
        model.services = List.of(HealthFixtures.resource(
                ResourceKind.SERVICE,
                "{'metadata':{'namespace':'shop','name':'web'},'spec':{'selector':{'app':'web'}}}"));
        model.endpointSlices = List.of(HealthFixtures.resource(
                ResourceKind.ENDPOINT_SLICE,
                "{'metadata':{'namespace':'shop','name':'web-1','labels':{'kubernetes.io/service-name':'web'}},"
                        + "'endpoints':" + endpoints + "}"));
        return model;
    }

    @Test
    void should_report_MDX0109_for_a_workload_that_is_scaled_to_zero() {
        HealthModel.Builder model = endpoints("[]");
        model.workloads = List.of(HealthFixtures.resource(
                ResourceKind.DEPLOYMENT,
                "{'metadata':{'namespace':'shop','name':'web-v1'},'spec':{'replicas':0,"
                        + "'template':{'metadata':{'labels':{'app':'web'}}}}}"));

        Finding finding = HealthFixtures.run(check, model).get(0);

        assertThat(finding.code()).isEqualTo("MDX0109");
        assertThat(finding.subject().toString()).isEqualTo("Service shop/web");
        assertThat(finding.message()).contains("Deployment web-v1 is scaled to zero");
        assertThat(finding.remedy()).isEqualTo("kubectl -n shop scale deployments/web-v1 --replicas=1");
    }

    @Test
    void should_say_that_the_selector_matches_nothing_or_which_pod_is_not_ready() {
        assertThat(HealthFixtures.run(check, endpoints("[]")).get(0).message())
                .contains("no pod has the labels app=web");

        HealthModel.Builder unready = endpoints("[{'conditions':{'ready':false}}]");
        unready.pods =
                List.of(HealthFixtures.pod("web", HealthFixtures.RUNNING.replace("'ready':true", "'ready':false")));
        assertThat(HealthFixtures.run(check, unready).get(0).message())
                .contains("its only pod, web, is not (container istio-proxy is not ready)");
    }

    @Test
    void should_stay_silent_with_a_ready_endpoint_and_where_endpoints_are_not_known() {
        HealthModel.Builder unknown = endpoints("[]");
        unknown.endpointsKnown = false;

        assertThat(HealthFixtures.run(check, endpoints("[{'addresses':['10.0.0.1']}]")))
                .isEmpty();
        assertThat(HealthFixtures.run(check, unknown)).isEmpty();
    }
}
