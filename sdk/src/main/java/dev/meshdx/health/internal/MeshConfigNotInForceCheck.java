package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** MDX0121: an istiod runs with settings that differ from its revision's ConfigMap. */
final class MeshConfigNotInForceCheck implements Check<HealthModel> {
    private static final int MOST = 10;

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.MESH_CONFIG_NOT_IN_FORCE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<String, List<ControlPlaneFacts.Setting>> pods = new TreeMap<>();
        for (ControlPlaneFacts.Setting setting : model.controlPlane.settings()) {
            pods.computeIfAbsent(setting.pod(), key -> new ArrayList<>()).add(setting);
        }
        pods.forEach((pod, settings) -> {
            ControlPlaneFacts.Setting first = settings.get(0);
            Finding.Builder finding = Finding.of(
                            HealthCodes.MESH_CONFIG_NOT_IN_FORCE, ResourceRef.of("Pod", model.istioNamespace, pod))
                    .message(pod + " runs with other settings than ConfigMap " + first.configMap() + " has: "
                            + first.path() + " is " + (first.inForce().isEmpty() ? "not set" : first.inForce())
                            + " there, and meant to be " + first.meant()
                            + (settings.size() > 1 ? ", and " + (settings.size() - 1) + " more" : "")
                            + ". It has not taken the last change, because that is not valid or it does not see it, or it"
                            + " reads another ConfigMap.");
            for (ControlPlaneFacts.Setting setting : settings.subList(0, Math.min(settings.size(), MOST))) {
                finding.evidence(
                        "mesh: " + setting.path(),
                        "ConfigMap " + model.istioNamespace + "/" + setting.configMap() + " and /debug/mesh of " + pod,
                        setting.meant() + " and " + (setting.inForce().isEmpty() ? "nothing" : setting.inForce()));
            }
            report.accept(finding.remedy("kubectl -n " + model.istioNamespace + " logs " + pod
                            + " -c discovery | grep -i 'mesh config'; correct what it complains about, else kubectl -n "
                            + model.istioNamespace + " rollout restart deployment -l app=istiod")
                    .build());
        });
    }
}
