package dev.meshdx.testkit.internal.mesh;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pod statuses as a kubelet writes them. Source: Kubernetes, "Pod Lifecycle". */
final class Kubelet {
    private final Names names;
    private final Times times;

    Kubelet(Names names, Times times) {
        this.names = names;
        this.times = times;
    }

    Map<String, Object> status(String pod, Map<String, Object> podSpec, String ip, String hostIp, WorkloadSpec hints) {
        Json spec = Json.of(podSpec);
        List<Object> containers = new ArrayList<>();
        List<Object> initContainers = new ArrayList<>();
        List<String> unready = new ArrayList<>();
        for (Json container : spec.at("containers").items()) {
            containers.add(container(pod, container, hints, unready));
        }
        for (Json container : spec.at("initContainers").items()) {
            initContainers.add(
                    container.at("restartPolicy").text("").equals("Always")
                            ? container(pod, container, hints, unready)
                            : finished(pod, container));
        }
        String created = Times.seconds(times.created());
        List<Object> conditions = new ArrayList<>();
        conditions.add(condition("PodReadyToStartContainers", created));
        conditions.add(condition("Initialized", created));
        for (String type : List.of("Ready", "ContainersReady")) {
            conditions.add(
                    unready.isEmpty()
                            ? condition(type, Times.seconds(times.started()))
                            : map(
                                    "lastTransitionTime",
                                    Times.seconds(times.cutOff()),
                                    "message",
                                    "containers with unready status: [" + String.join(" ", unready) + "]",
                                    "reason",
                                    "ContainersNotReady",
                                    "status",
                                    "False",
                                    "type",
                                    type));
        }
        conditions.add(condition("PodScheduled", created));
        return map(
                "conditions",
                conditions,
                "containerStatuses",
                containers,
                "hostIP",
                hostIp,
                "hostIPs",
                list(map("ip", hostIp)),
                "initContainerStatuses",
                Doc.unlessEmpty(initContainers),
                "phase",
                "Running",
                "podIP",
                ip,
                "podIPs",
                list(map("ip", ip)),
                "qosClass",
                "Burstable",
                "startTime",
                created);
    }

    private static Map<String, Object> condition(String type, String at) {
        return map("lastTransitionTime", at, "status", "True", "type", type);
    }

    private Map<String, Object> container(String pod, Json container, WorkloadSpec hints, List<String> unready) {
        String name = container.at("name").text("");
        boolean proxy = name.equals("istio-proxy");
        String waiting = proxy ? null : hints.waiting;
        boolean ready = proxy || !hints.notReady;
        if (!ready) {
            unready.add(name);
        }
        int restarts = proxy ? hints.proxyRestarts : waiting == null ? 0 : 5;
        Instant restarted = times.cutOff();
        Map<String, Object> lastState = map();
        if (proxy && restarts > 0) {
            lastState = map("terminated", terminated(pod, name, 137, "OOMKilled", restarted));
        } else if (waiting != null && waiting.equals("CrashLoopBackOff")) {
            lastState = map("terminated", terminated(pod, name, 1, "Error", restarted));
        }
        Map<String, Object> state = waiting == null
                ? map("running", map("startedAt", Times.seconds(restarts > 0 ? restarted : times.created())))
                : map(
                        "waiting",
                        map(
                                "message",
                                waiting.equals("CrashLoopBackOff")
                                        ? "back-off 2m40s restarting failed container=" + name + " pod=" + pod
                                        : null,
                                "reason",
                                waiting));
        return map(
                "containerID",
                "containerd://" + names.hex("container", pod, name),
                "image",
                container.at("image").text(""),
                "imageID",
                container.at("image").text("") + "@sha256:"
                        + names.hex("image", container.at("image").text("")),
                "lastState",
                lastState,
                "name",
                name,
                "ready",
                ready,
                "restartCount",
                restarts,
                "started",
                waiting == null,
                "state",
                state);
    }

    private Map<String, Object> terminated(String pod, String name, int code, String reason, Instant at) {
        return map(
                "containerID",
                "containerd://" + names.hex("previous", pod, name),
                "exitCode",
                code,
                "finishedAt",
                Times.seconds(at),
                "reason",
                reason,
                "startedAt",
                Times.seconds(times.created()));
    }

    private Map<String, Object> finished(String pod, Json container) {
        String name = container.at("name").text("");
        String created = Times.seconds(times.created());
        return map(
                "containerID",
                "containerd://" + names.hex("container", pod, name),
                "image",
                container.at("image").text(""),
                "imageID",
                container.at("image").text("") + "@sha256:"
                        + names.hex("image", container.at("image").text("")),
                "lastState",
                map(),
                "name",
                name,
                "ready",
                true,
                "restartCount",
                0,
                "started",
                false,
                "state",
                map(
                        "terminated",
                        map(
                                "containerID",
                                "containerd://" + names.hex("container", pod, name),
                                "exitCode",
                                0,
                                "finishedAt",
                                created,
                                "reason",
                                "Completed",
                                "startedAt",
                                created)));
    }
}
