using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// JSON of the door: camel case, nothing for null. Unknown members are ignored on the way in, since the protocol grows by them.
/// </summary>
internal static class SharingJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IResult Answer<T>(T value) => TypedResults.Json(value, Options, "application/json; charset=utf-8");
}
