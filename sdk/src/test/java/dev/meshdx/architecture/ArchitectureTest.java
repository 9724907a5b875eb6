package dev.meshdx.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.meshdx.check.Check;
import dev.meshdx.testing.ApiDump;
import dev.meshdx.testing.ApiFile;
import dev.meshdx.testing.DocComments;
import dev.meshdx.testing.Threads;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of docs/architecture.md that a machine can hold. */
@AnalyzeClasses(packages = "dev.meshdx", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();

    /** Lower ones know nothing of higher ones: source → model → check → finding → report, with the facade on top. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("dev.meshdx.annotation.."),
            List.of("dev.meshdx.error.."),
            List.of("dev.meshdx.model", "dev.meshdx.model.internal.."),
            List.of("dev.meshdx.finding.."),
            List.of("dev.meshdx.check.."),
            List.of("dev.meshdx.source.."),
            List.of("dev.meshdx.configuration.."),
            List.of(
                    "dev.meshdx.health..",
                    "dev.meshdx.analysis..",
                    "dev.meshdx.envoy..",
                    "dev.meshdx.traffic..",
                    "dev.meshdx.logs..",
                    "dev.meshdx.security.."),
            List.of("dev.meshdx.diagnosis..", "dev.meshdx.changes.."),
            List.of("dev.meshdx.report.."),
            List.of("dev.meshdx", "dev.meshdx.interop.."));

    @ArchTest
    static void layers_point_downwards(com.tngtech.archunit.core.domain.JavaClasses classes) {
        for (int i = 0; i < LAYERS.size(); i++) {
            List<String> higher = LAYERS.subList(i + 1, LAYERS.size()).stream()
                    .flatMap(List::stream)
                    .toList();
            if (!higher.isEmpty()) {
                noClasses()
                        .that()
                        .resideInAnyPackage(LAYERS.get(i).toArray(String[]::new))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(higher.toArray(String[]::new))
                        .allowEmptyShould(true)
                        .check(classes);
            }
        }
    }

    @ArchTest
    static final ArchRule steps_do_not_go_round_in_circles =
            slices().matching("dev.meshdx.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule parts_of_a_proxy_do_not_go_round_in_circles =
            slices().matching("dev.meshdx.envoy.(*)").should().beFreeOfCycles();

    /** The pages know nothing of the configuration; the configuration knows nothing of what is concluded from it. */
    @ArchTest
    static final ArchRule parts_of_a_proxy_point_downwards = noClasses()
            .that()
            .resideInAPackage("dev.meshdx.envoy.admin")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.meshdx.envoy", "dev.meshdx.envoy.diff", "dev.meshdx.envoy.origin");

    @ArchTest
    static final ArchRule a_proxy_does_not_know_what_is_concluded_of_it = noClasses()
            .that()
            .resideInAPackage("dev.meshdx.envoy")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.meshdx.envoy.diff", "dev.meshdx.envoy.origin");

    /** Ways through proxies know nothing of who may go them. */
    @ArchTest
    static final ArchRule ways_do_not_know_who_may_go_them = noClasses()
            .that()
            .resideInAnyPackage("dev.meshdx.traffic", "dev.meshdx.traffic.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.meshdx.traffic.authorization");

    @ArchTest
    static final ArchRule checks_are_pure = noClasses()
            .that()
            .implement(Check.class)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.meshdx.source..", "java.io..", "java.nio.file..", "okhttp3..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.net\\.(?!URI).*")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.time.Clock")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule only_sources_do_io = noClasses()
            .that()
            .resideOutsideOfPackages("dev.meshdx.source..", "dev.meshdx.interop..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("okhttp3..", "io.kubernetes..", "java.net.http..");

    @ArchTest
    static final ArchRule nothing_prints =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule nothing_global_is_changed = noClasses()
            .should()
            .callMethod(java.security.Security.class, "addProvider", java.security.Provider.class)
            .orShould()
            .callMethod(java.security.Security.class, "insertProviderAt", java.security.Provider.class, int.class)
            .orShould()
            .callMethod(System.class, "setProperty", String.class, String.class);

    @ArchTest
    static final ArchRule no_default_thread_pools = noClasses()
            .should()
            .callMethodWhere(new DescribedPredicate<JavaAccess<?>>("a thread pool without a thread factory of ours") {
                @Override
                public boolean test(JavaAccess<?> access) {
                    return access.getTargetOwner().getName().equals("java.util.concurrent.Executors")
                            && !access.getTarget().getFullName().contains("ThreadFactory");
                }
            });

    /** What one step keeps to itself no other one uses; the diagnosis and the facade call the steps. */
    @ArchTest
    static void steps_leave_each_others_internals_alone(com.tngtech.archunit.core.domain.JavaClasses classes) {
        List<String> steps = List.of("health", "analysis", "envoy", "traffic", "logs", "security");
        for (String step : steps) {
            String[] others = steps.stream()
                    .filter(other -> !other.equals(step))
                    .map(other -> "dev.meshdx." + other + ".internal..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("dev.meshdx." + step + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(classes);
        }
    }

    /** Of the sources' internals the steps may use what is there for them; the ways to a cluster are the facade's business. */
    @ArchTest
    static final ArchRule only_the_facade_opens_sources = noClasses()
            .that()
            .resideOutsideOfPackages("dev.meshdx", "dev.meshdx.interop..", "dev.meshdx.source..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.meshdx.source.internal.kubeconfig..",
                    "dev.meshdx.source.internal.live..",
                    "dev.meshdx.source.internal.manifests..",
                    "dev.meshdx.source.internal.recorded..");

    @ArchTest
    static final ArchRule threads_are_named_and_daemons = Threads.NAMED_AND_DAEMONS;

    @Test
    void should_not_show_third_party_types() {
        List<String> shown = new ArrayList<>();
        for (Class<?> type : ApiDump.exportedTypes(MODULE.resolve("target/classes"))) {
            if (type.getPackageName().equals("dev.meshdx.interop")) {
                continue; // the one marked place
            }
            for (Field field : type.getDeclaredFields()) {
                if (ApiDump.visible(field, field)) {
                    collect(shown, type, field.getName(), field.getGenericType());
                }
            }
            List<Executable> executables = new ArrayList<>(Arrays.asList(type.getDeclaredMethods()));
            executables.addAll(Arrays.asList(type.getDeclaredConstructors()));
            for (Executable executable : executables) {
                if (!ApiDump.visible(executable, executable)) {
                    continue;
                }
                for (Type parameter : executable.getGenericParameterTypes()) {
                    collect(shown, type, executable.getName(), parameter);
                }
                if (executable instanceof Method method) {
                    collect(shown, type, method.getName(), method.getGenericReturnType());
                } else if (executable instanceof Constructor<?> && type.isEnum()) {
                    continue;
                }
            }
        }
        assertThat(shown).isEmpty();
    }

    private static void collect(List<String> shown, Class<?> owner, String member, Type type) {
        if (type instanceof ParameterizedType parameterized) {
            collect(shown, owner, member, parameterized.getRawType());
            for (Type argument : parameterized.getActualTypeArguments()) {
                collect(shown, owner, member, argument);
            }
        } else if (type instanceof Class<?> raw) {
            Class<?> element = raw.isArray() ? raw.getComponentType() : raw;
            boolean known = element.isPrimitive()
                    || element.getName().startsWith("java.")
                    || (element.getName().startsWith("dev.meshdx.")
                            && !element.getName().contains(".internal."));
            if (!known) {
                shown.add(owner.getName() + "." + member + ": " + element.getName());
            }
        }
    }

    @Test
    void should_explain_all_that_users_see() {
        assertThat(DocComments.missing(
                        MODULE.resolve("src/main/java"), ApiDump.exportedPackages(MODULE.resolve("target/classes"))))
                .isEmpty();
    }

    @Test
    void should_match_the_api_in_git() {
        ApiFile.check(MODULE, "sdk.api");
    }
}
