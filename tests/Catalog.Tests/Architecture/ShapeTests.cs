using System.Reflection;
using System.Runtime.CompilerServices;
using Catalog.Platform.Store;
using Mono.Cecil;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>What our types look like: shallow, sealed, named for what they are; facts hold data and nothing else.</summary>
public sealed class ShapeTests
{
    private static readonly string[] s_emptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Service", "Dto", "Common", "Base"];

    [Fact]
    public void No_base_class_of_ours_is_deeper_than_one()
    {
        Verdict.None(TooDeep(Code.Types));
        Assert.Equal(["Third"], TooDeep(Code.BadExamples));
    }

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them()
    {
        Verdict.None(Open(Code.Types));
        Assert.Equal(["Open", "OpenFact"], Open(Code.BadExamples).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Types_have_names_that_say_something()
    {
        Verdict.None(Empty(Code.Types));
        Assert.Equal(["OpenManager"], Empty(Code.BadExamples));
    }

    [Fact]
    public void Facts_are_sealed_records_of_data() =>
        Verdict.None(CatalogStore.Facts.All.Select(e => e.Fact)
            .Where(f => WrongFact(f) is not null).Select(f => $"{f.Name}: {WrongFact(f)}"));

    [Theory]
    [InlineData(typeof(BadExamples.OpenFact), "is not sealed")]
    [InlineData(typeof(BadExamples.FactThatIsNoRecord), "is not a record")]
    [InlineData(typeof(BadExamples.FactWithBehaviour), "has the method Shout")]
    [InlineData(typeof(BadExamples.FactWithDefault), "has a default for Name")]
    [InlineData(typeof(BadExamples.FactWithMore), "has Number beside its positions")]
    public void A_fact_that_is_more_than_data_is_found(Type fact, string wrong) => Assert.Equal(wrong, WrongFact(fact));

    [Fact]
    public void Event_ids_of_log_messages_are_used_once()
    {
        Assert.True(EventIds(Code.Types).Count() >= 15, "The log messages were not found.");
        Assert.Empty(UsedTwice(Code.Types));
        Assert.Equal([1001], UsedTwice(Code.BadExamples));
    }

    private static IEnumerable<string> TooDeep(IEnumerable<TypeDefinition> types) =>
        types.Where(t => Ours(t.BaseType) is { } parent && Ours(parent.BaseType) is not null).Select(t => t.Name);

    private static TypeDefinition? Ours(TypeReference? type) =>
        type is not null && Code.IsOurs(Code.Namespace(type)) ? type.Resolve() : null;

    private static IEnumerable<string> Open(IReadOnlyList<TypeDefinition> types)
    {
        var bases = types.Select(t => t.BaseType?.GetElementType().FullName).ToHashSet(StringComparer.Ordinal);
        return types
            .Where(t => t is { IsClass: true, IsValueType: false, IsSealed: false, IsAbstract: false }
                && IsWritten(t) && !bases.Contains(t.FullName))
            .Select(t => t.Name);
    }

    private static IEnumerable<string> Empty(IEnumerable<TypeDefinition> types) =>
        types.Where(t => IsWritten(t) && SaysNothing(t.Name.Split('`')[0])).Select(t => t.Name);

    /// <summary>A feature service is what feature stores call it.</summary>
    private static bool SaysNothing(string name) =>
        !name.EndsWith("FeatureService", StringComparison.Ordinal)
        && Array.Exists(s_emptyWords, w => name.EndsWith(w, StringComparison.Ordinal));

    /// <summary>By a person, not by a compiler or a source generator.</summary>
    private static bool IsWritten(TypeDefinition type) =>
        !Code.IsGenerated(type)
        && Code.IsOurs(Code.Namespace(type))
        && !type.CustomAttributes.Any(a => a.AttributeType.Name is nameof(CompilerGeneratedAttribute) or "GeneratedCodeAttribute")
        && (type.DeclaringType is null || IsWritten(type.DeclaringType));

    private static string? WrongFact(Type fact)
    {
        var positions = fact.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First().GetParameters();
        var own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        return fact switch
        {
            { IsSealed: false } => "is not sealed",
            _ when fact.GetMethod("<Clone>$") is null => "is not a record",
            _ when Array.Find(positions, p => p.HasDefaultValue) is { } optional => $"has a default for {optional.Name}",
            _ when fact.GetMethods(own).FirstOrDefault(IsBehaviour) is { } method => $"has the method {method.Name}",
            _ when fact.GetProperties(own)
                .FirstOrDefault(p => p.Name != "EqualityContract" && !positions.Any(q => q.Name == p.Name)) is { } more =>
                $"has {more.Name} beside its positions",
            _ => null,
        };
    }

    private static bool IsBehaviour(MethodInfo method) => !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<int> UsedTwice(IEnumerable<TypeDefinition> types) =>
        EventIds(types).GroupBy(id => id).Where(g => g.Count() > 1).Select(g => g.Key);

    private static IEnumerable<int> EventIds(IEnumerable<TypeDefinition> types) =>
        types.SelectMany(t => t.Methods).SelectMany(m => m.CustomAttributes)
            .Where(a => a.AttributeType.FullName == "Microsoft.Extensions.Logging.LoggerMessageAttribute")
            .Select(a => a.ConstructorArguments is [{ Value: int id }, ..]
                ? id
                : (int)a.Properties.Single(p => p.Name == "EventId").Argument.Value);
}
