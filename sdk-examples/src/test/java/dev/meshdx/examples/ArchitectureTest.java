package dev.meshdx.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.meshdx.testing.Threads;

/** Examples show what users can do, so they do nothing else. */
@AnalyzeClasses(packages = "dev.meshdx.examples", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule examples_use_the_api_only =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.meshdx..internal..");

    @ArchTest
    static final ArchRule threads_are_named_and_daemons = Threads.NAMED_AND_DAEMONS.allowEmptyShould(true);
}
