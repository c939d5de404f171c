"""Constructed rows of the national catalogue, in the form in which the national database publishes procedures."""

from __future__ import annotations

_COMMON = {
    "so_quyet_dinh": "100/QĐ-MP",
    "cap_thuc_hien": "Cấp xã",
    "loai_thu_tuc": "TTHC được luật giao quy định chi tiết",
    "doi_tuong_thuc_hien": "Công dân Việt Nam",
    "co_quan_co_tham_quyen": "Ủy ban nhân dân cấp xã",
    "dia_chi_tiep_nhan": "",
    "co_quan_duoc_uy_quyen": "",
    "co_quan_phoi_hop": "",
    "thu_tuc_lien_quan": "Không có thông tin",
    "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
    "yeu_cau_dieu_kien": "Không có thông tin",
    "can_cu_phap_ly": "",
    "cach_thuc_thuc_hien": "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tuyến3 Ngày làm việcMiễn phí"
    "Trực tiếp3 Ngày làm việcMiễn phí",
    "thanh_phan_ho_so": "--Tên giấy tờMẫu đơn, tờ khaiSố lượngĐơn đề nghị1 bản chính",
    "trinh_tu_thuc_hien": "Bước 1: Người dân nộp đơn.\nBước 2: Ủy ban nhân dân cấp xã xem xét và trả kết quả.",
    "ket_qua_xu_ly": "Giấy xác nhậnMã: KQ.G99.000001Từ khóaKhông có thông tinMô tảKhông có thông tin",
}
ROWS: list[dict[str, str]] = [
    _COMMON
    | {
        "ma_thu_tuc": "9.900001",
        "ten_thu_tuc": "Xác nhận hộ trồng cà phê tái canh (thủ tục mô phỏng)",
        "linh_vuc": "Nông nghiệp",
    },
    _COMMON
    | {
        "ma_thu_tuc": "9.900002",
        "ten_thu_tuc": "Xác nhận tham gia câu lạc bộ cồng chiêng (thủ tục mô phỏng)",
        "linh_vuc": "Văn hóa",
    },
]
