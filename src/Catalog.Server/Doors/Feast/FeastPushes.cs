using System.Globalization;
using System.Text.Json;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using MediatR;

namespace Catalog.Server.Doors.Feast;

/// <summary><c>Push</c> and <c>WriteToOnlineStore</c> of <c>GrpcFeatureServer</c>: one row a call.</summary>
internal sealed class FeastPushes(OnlineFeatures online, IMediator mediator)
{
    private const int Features = 1;
    private const int View = 2;

    private async Task<AnswerBuffer> StoreAsync(PooledBody request, int typedFeatures, ServerCallContext call)
    {
        using (request)
        {
            var (name, columns) = Read(request.Span, typedFeatures);
            var view = FeatureNames.View(name, AskedNamespace.Of(call.GetHttpContext().Request), "feature_view_name", online.Current);
            await FeastWrites.StoreAsync(view, Typed(view, columns), online, mediator, call.CancellationToken);
        }

        var answer = new AnswerBuffer();
        new ProtoWriter(answer).Bool(1, value: true);
        return answer;
    }

    private static (string View, Dictionary<string, JsonElement> Columns) Read(ReadOnlySpan<byte> message, int typedFeatures)
    {
        var name = "";
        var columns = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var fields = new ProtoReader(message);
        while (fields.Next())
        {
            if (fields.Field == View)
                name = fields.Text();
            else if (fields.Field == Features || fields.Field == typedFeatures)
                ReadEntry(fields.Bytes(), fields.Field == typedFeatures, columns);
            else
                fields.Skip();
        }

        return (name, columns);
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, bool isTyped, Dictionary<string, JsonElement> into)
    {
        var (name, value) = ("", default(JsonElement));
        var fields = new ProtoReader(entry);
        while (fields.Next())
        {
            if (fields.Field == 1)
                name = fields.Text();
            else if (fields.Field == 2)
                value = isTyped ? FeastProtoJson.Read(fields.Bytes()) : JsonSerializer.SerializeToElement(fields.Text());
            else
                fields.Skip();
        }

        into[name] = value.ValueKind == JsonValueKind.Undefined ? JsonSerializer.SerializeToElement<string?>(null) : value;
    }

    /// <summary>Columns of one row. What came as text and is a number or a bool is read as one.</summary>
    private Dictionary<string, IReadOnlyList<JsonElement>> Typed(NodeId view, Dictionary<string, JsonElement> columns)
    {
        var found = online.Current.FindView(view);
        var definition = found.Succeeded ? found.Value.Definition : throw new ProblemException(found.Problem);
        var types = definition.Features.ToDictionary(f => f.Name, f => HotType.Of(f.Type), StringComparer.Ordinal);
        return columns.ToDictionary(
            c => c.Key,
            IReadOnlyList<JsonElement> (c) => [types.TryGetValue(c.Key, out var type) ? Typed(type, c.Value) : c.Value],
            StringComparer.Ordinal);
    }

    private static JsonElement Typed(HotType type, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || type.Kind > HotKind.Float64)
            return value;
        var text = value.GetString();
        return type.Kind == HotKind.Bool && bool.TryParse(text, out var flag) ? JsonSerializer.SerializeToElement(flag)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? JsonSerializer.SerializeToElement(whole)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? JsonSerializer.SerializeToElement(number)
            : value;
    }

    /// <summary>Tells gRPC of the methods.</summary>
    public sealed class Methods : IServiceMethodProvider<FeastPushes>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FeastPushes> context)
        {
            Add("Push", typedFeatures: 5);
            Add("WriteToOnlineStore", typedFeatures: 4);

            void Add(string name, int typedFeatures) => context.AddUnaryMethod(
                GrpcBytes.Unary(FeastServing.Server, name), [], (pushes, request, call) => pushes.StoreAsync(request, typedFeatures, call));
        }
    }
}
