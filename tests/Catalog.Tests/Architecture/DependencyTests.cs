using System.Reflection;
using System.Xml.Linq;
using Catalog.Server;
using Catalog.Storage.Columnar;
using NetArchTest.Rules;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>Who may know whom: the table of the design, and the packages that are named in one place only.</summary>
public sealed class DependencyTests
{
    private static readonly string[] s_martens = ["Marten", "JasperFx", "Weasel"];

    /// <summary>What each project refers to, beside what it gets through those.</summary>
    private static readonly Dictionary<string, string[]> s_design = new(StringComparer.Ordinal)
    {
        ["Catalog.Core"] = [],
        ["Catalog.Hot"] = ["Catalog.Core"],
        ["Catalog.Storage"] = ["Catalog.Core", "Catalog.Hot"],
        ["Catalog"] = ["Catalog.Storage"],
        ["Catalog.Server"] = ["Catalog"],
        ["Catalog.Sdk"] = ["Catalog.Core", "Catalog.Hot"],
        ["Catalog.Cli"] = ["Catalog.Sdk", "Catalog.Server"],
    };

    public static TheoryData<string> Projects => [.. Code.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_what_the_design_says(string project)
    {
        var declared = XDocument.Load(Repository.File("src", project, $"{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension((r.Attribute("Include")?.Value ?? "").Replace('\\', '/')));

        Assert.Equal(
            Reach(project),
            declared.SelectMany(d => Reach(d).Append(d)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_only_what_it_may_reach(string project)
    {
        var used = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name ?? "").Where(Code.IsOurs);

        Assert.Empty(used.Except(Reach(project), StringComparer.Ordinal));
    }

    [Fact]
    public void There_are_seven_projects_and_no_more() =>
        Assert.Equal(
            Code.Projects.Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(Repository.File("src")).Select(d => Path.GetFileName(d) ?? "").Order(StringComparer.Ordinal));

    [Fact]
    public void The_core_has_no_packages()
    {
        var project = XDocument.Load(Repository.File("src", "Catalog.Core", "Catalog.Core.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("FrameworkReference"));
    }

    [Theory]
    [InlineData("Catalog.Core")]
    [InlineData("Catalog.Hot")]
    [InlineData("Catalog.Storage")]
    [InlineData("Catalog.Sdk")]
    [InlineData("Catalog.Cli")]
    public void Marten_is_not_named_outside_the_product(string project) => Verdict.None(Naming(Assembly.Load(project), s_martens));

    [Fact]
    public void The_server_names_Marten_in_its_wiring_only()
    {
        string[] wiring = ["Catalog.Server.CatalogServer", "Catalog.Server.Hosting"];

        Verdict.None(Naming(typeof(CatalogServer).Assembly, s_martens)
            .Where(t => !wiring.Any(w => t.StartsWith(w, StringComparison.Ordinal))));
    }

    [Fact]
    public void Amazon_is_named_in_its_adapter_only()
    {
        Verdict.None(Code.Projects.SelectMany(p => Naming(Assembly.Load(p), ["Amazon"], "Catalog.Storage.Objects.S3")));
        Assert.NotEmpty(Naming(typeof(ParquetFooter).Assembly, ["Amazon"]));
    }

    [Fact]
    public void Redis_is_named_in_its_adapter_only()
    {
        Verdict.None(Code.Projects.SelectMany(p => Naming(Assembly.Load(p), ["StackExchange"], "Catalog.Storage.Hot.Redis")));
        Assert.NotEmpty(Naming(typeof(ParquetFooter).Assembly, ["StackExchange"]));
    }

    [Fact]
    public void Parquet_is_named_in_columnar_storage_only()
    {
        Verdict.None(Code.Projects.SelectMany(p => Naming(Assembly.Load(p), ["Parquet", "ParquetSharp"], "Catalog.Storage.Columnar")));
        Assert.NotEmpty(Naming(typeof(ParquetFooter).Assembly, ["Parquet"]));
        Assert.NotEmpty(Naming(typeof(ParquetFooter).Assembly, ["ParquetSharp"]));
    }

    [Fact]
    public void Trainers_are_named_in_the_demo_only() =>
        Verdict.None(Code.Projects.Where(p => p != "Catalog.Sdk")
            .SelectMany(p => Naming(Assembly.Load(p), ["Microsoft.ML"], "Catalog.Cli.Demo")));

    [Fact]
    public void The_sdk_knows_data_views_at_most() =>
        Verdict.None(Assembly.Load("Catalog.Sdk").GetReferencedAssemblies().Select(a => a.Name ?? "")
            .Where(a => a.StartsWith("Microsoft.ML", StringComparison.Ordinal) && a != "Microsoft.ML.DataView"));

    [Fact]
    public void A_package_named_where_it_should_not_be_is_found()
    {
        var found = Naming(typeof(BadExamples).Assembly, ["Marten"]);

        Assert.Contains(found, t => t.StartsWith("Catalog.Tests.Architecture.BadExamples", StringComparison.Ordinal));
        Assert.DoesNotContain(found, t => t.EndsWith("NamesTests", StringComparison.Ordinal));
        Assert.Empty(Naming(typeof(BadExamples).Assembly, ["Marten"], "Catalog.Tests"));
    }

    private static IReadOnlyList<string> Reach(string project) =>
        [.. s_design[project].SelectMany(p => Reach(p).Append(p)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The types of an assembly that name one of the packages, outside the namespaces that may.</summary>
    private static IReadOnlyList<string> Naming(Assembly assembly, string[] packages, params string[] allowed) =>
    [
        .. Types.InAssembly(assembly).That().HaveDependencyOnAny(packages).GetTypes().Select(t => t.FullName ?? t.Name)
            .Where(t => !allowed.Any(a => t.StartsWith(a + ".", StringComparison.Ordinal))),
    ];
}
