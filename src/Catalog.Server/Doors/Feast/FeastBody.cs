using System.Runtime.InteropServices;
using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// The body of <c>/get-online-features</c>: where things are in it. What is asked for is compared as it is written with what was asked
/// before, and the entities are read when their types are known, so nothing is copied here.
/// </summary>
internal sealed class FeastBody
{
    private readonly List<EntityPlace> _entities = [];

    /// <summary>By join key, where its name and its array stand.</summary>
    public IReadOnlyList<EntityPlace> Entities => _entities;

    /// <summary>Where the names of features stand, as an array; empty where there are none.</summary>
    public Range Features { get; private set; }

    /// <summary>Where the name of a service stands, as a string; empty where there is none.</summary>
    public Range Service { get; private set; }

    public bool FullFeatureNames { get; private set; }

    /// <summary>Finds what is where. Members that are not known are passed over, as Feast does.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ProblemException">It does not say what is wanted of whom.</exception>
    public void Find(ReadOnlySpan<byte> body)
    {
        _entities.Clear();
        (Features, Service, FullFeatureNames) = (default, default, false);
        var hasEntities = false;
        var json = new Utf8JsonReader(body);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Wrong("body", "The body must be a JSON object with 'features' or 'feature_service', and 'entities'.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("entities"u8))
            {
                hasEntities = true;
                FindEntities(ref json);
            }
            else if (json.ValueTextEquals("features"u8))
            {
                Features = Place(ref json, JsonTokenType.StartArray, "features", "an array of view:feature");
            }
            else if (json.ValueTextEquals("feature_service"u8))
            {
                Service = Place(ref json, JsonTokenType.String, "feature_service", "the name of a feature service");
            }
            else if (json.ValueTextEquals("full_feature_names"u8))
            {
                FullFeatureNames = json.Read() && json.TokenType == JsonTokenType.True;
            }
            else
            {
                json.Skip();
            }
        }

        while (json.Read())
        {
            // Until the end: what follows an object makes it no JSON.
        }

        if (!hasEntities)
            throw Wrong("entities", "'entities' must be given: for each join key, an array with a value for each row.");
        if (IsEmpty(Features) == IsEmpty(Service))
            throw Wrong("features", "Either 'features' or 'feature_service' must be given.");
    }

    public static bool IsEmpty(Range place) => place.Equals(default);

    private void FindEntities(ref Utf8JsonReader json)
    {
        _entities.Clear();
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Wrong("entities", "'entities' must be an object: for each join key, an array with a value for each row.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)json.TokenStartIndex;
            var length = json.ValueSpan.Length + 2;
            json.Read();
            var start = (int)json.TokenStartIndex;
            json.Skip();
            _entities.Add(new(name..(name + length), start..(int)json.BytesConsumed));
        }
    }

    /// <summary>Where a value stands; nowhere for null, and for an array of nothing, which is Feast's default.</summary>
    private static Range Place(ref Utf8JsonReader json, JsonTokenType wanted, string field, string what)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
            return default;
        if (json.TokenType != wanted)
            throw Wrong(field, $"'{field}' must be {what}.");
        var start = (int)json.TokenStartIndex;
        var isEmpty = wanted == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.EndArray;
        while (wanted == JsonTokenType.StartArray && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.String)
                throw Wrong(field, $"'{field}' must be {what}.");
            json.Read();
        }

        return isEmpty ? default : start..(int)json.BytesConsumed;
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}

/// <summary>Where a join key stands in a request.</summary>
/// <param name="Name">As a string of JSON, with its quotation marks.</param>
/// <param name="Values">As an array of JSON.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntityPlace(Range Name, Range Values);
