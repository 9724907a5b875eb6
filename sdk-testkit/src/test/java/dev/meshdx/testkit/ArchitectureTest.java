package dev.meshdx.testkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.meshdx.testing.Threads;

/** What the testkit promises to the tests that use it, as far as a machine can hold it. */
@AnalyzeClasses(packages = "dev.meshdx.testkit", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_sdk_is_used_by_its_api_only = noClasses()
            .should()
            .dependOnClassesThat(
                    resideInAPackage("dev.meshdx..internal..").and(resideOutsideOfPackage("dev.meshdx.testkit..")));

    @ArchTest
    static final ArchRule nothing_prints =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule junit_and_assertj_are_optional = noClasses()
            .that()
            .resideInAPackage("dev.meshdx.testkit.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.junit..", "org.assertj..");

    @ArchTest
    static final ArchRule threads_are_named_and_daemons = Threads.NAMED_AND_DAEMONS;

    @ArchTest
    static final ArchRule parts_do_not_go_round_in_circles =
            slices().matching("dev.meshdx.testkit.internal.(*)..").should().beFreeOfCycles();
}
