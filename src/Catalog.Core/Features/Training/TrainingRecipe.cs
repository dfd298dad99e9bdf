using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Integrity;

namespace Catalog.Features.Training;

/// <summary>
/// What a training set is made of, and how: enough to make it again, bit for bit. It stands in the manifest of the version that was made,
/// whole, so that nothing that changes later changes what it says.
/// </summary>
/// <param name="Format">Of this text: <c>catalog-training-set/1</c>.</param>
/// <param name="Rows">The table whose rows get features.</param>
/// <param name="Views">What is joined to it, in order.</param>
/// <param name="KnownAt">Events that were written later are left out; null for none left out.</param>
/// <param name="Splits">How rows are parted; null for not at all.</param>
/// <param name="Engine">The join that makes rows: its rules have a number of their own.</param>
/// <param name="Writer">The library that makes files of them, and its version.</param>
/// <param name="Options">How files are written.</param>
/// <param name="Masked">Columns whose values are not there as they are, sorted; null for none.</param>
public sealed record TrainingRecipe(
    string Format,
    RecipeRows Rows,
    IReadOnlyList<RecipeView> Views,
    DateTimeOffset? KnownAt,
    SplitRule? Splits,
    string Engine,
    string Writer,
    string Options,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RecipeMask>? Masked = null)
{
    public const string CurrentFormat = "catalog-training-set/1";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The versions that go into it, each once, that of the rows first.</summary>
    public IEnumerable<NodeId> Inputs() => Views.Select(v => v.Source).Prepend(Rows.Dataset).Distinct();

    /// <summary>As canonical JSON: what a manifest holds.</summary>
    public string ToText() =>
        System.Text.Encoding.UTF8.GetString(CanonicalJson.Serialize(JsonSerializer.SerializeToElement(this, s_json)));

    /// <summary>SHA-256 of the text.</summary>
    public string Hash() => Sha256.Hash(System.Text.Encoding.UTF8.GetBytes(ToText()));

    /// <exception cref="JsonException">The text is no recipe.</exception>
    public static TrainingRecipe Parse(string text) =>
        JsonSerializer.Deserialize<TrainingRecipe>(text, s_json) ?? throw new JsonException("A recipe is a JSON object.");
}

/// <summary>The table whose rows get features.</summary>
/// <param name="Dataset">By number: <c>dataset:demo/flights@3</c>.</param>
/// <param name="ContentHash">Of that version.</param>
/// <param name="EventTime">The column that says as of when features are wanted.</param>
/// <param name="TimeZone">Of that column, where it has none; null for UTC.</param>
/// <param name="Columns">That stay, in order; null for all.</param>
/// <param name="Filter">What rows have to meet; null for all.</param>
public sealed record RecipeRows(
    NodeId Dataset, string ContentHash, string EventTime, string? TimeZone, IReadOnlyList<string>? Columns, string? Filter);

/// <summary>A feature view as it is joined.</summary>
/// <param name="View">By number.</param>
/// <param name="DefinitionHash">Of the definition.</param>
/// <param name="Definition">As it was then: a view may be extended later.</param>
/// <param name="As">What it is called here, where it is joined more than once; null for its own name.</param>
/// <param name="Keys">By key of the view, the rows' column that has it.</param>
/// <param name="Features">Which, and their columns.</param>
/// <param name="Source">The version that events come from, by number.</param>
/// <param name="SourceContentHash">Of that version.</param>
public sealed record RecipeView(
    NodeId View,
    string DefinitionHash,
    FeatureDefinition Definition,
    string? As,
    IReadOnlyDictionary<string, string> Keys,
    IReadOnlyList<RecipeFeature> Features,
    NodeId Source,
    string SourceContentHash);

/// <param name="Feature">Of the view.</param>
/// <param name="Column">Of the training set.</param>
public sealed record RecipeFeature(string Feature, string Column);

/// <param name="Column">Of the training set, by its path.</param>
/// <param name="Mask">What is there instead, as <see cref="Access.Masks"/> writes it.</param>
public sealed record RecipeMask(string Column, string Mask);
